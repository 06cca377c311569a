// The shapes of AWS KMS, CloudTrail and Trent that the pages read. Names are AWS's.

export type KeyState =
  | "Creating"
  | "Enabled"
  | "Disabled"
  | "PendingDeletion"
  | "PendingImport"
  | "PendingReplicaDeletion"
  | "Unavailable"
  | "Updating";

export type KeyUsage =
  | "ENCRYPT_DECRYPT"
  | "SIGN_VERIFY"
  | "GENERATE_VERIFY_MAC"
  | "KEY_AGREEMENT"
  | "ENCAPSULATE_DECAPSULATE";

export interface KeyMetadata {
  AWSAccountId: string;
  KeyId: string;
  Arn: string;
  CreationDate: number;
  Description?: string;
  KeyUsage: KeyUsage;
  KeyState: KeyState;
  DeletionDate?: number;
  PendingDeletionWindowInDays?: number;
  ValidTo?: number;
  ExpirationModel?: string;
  Origin: "AWS_KMS" | "EXTERNAL";
  KeyManager: "AWS" | "CUSTOMER";
  KeySpec: string;
  EncryptionAlgorithms?: string[];
  SigningAlgorithms?: string[];
  MacAlgorithms?: string[];
  KeyAgreementAlgorithms?: string[];
  EncapsulationAlgorithms?: string[];
  MultiRegion?: boolean;
  MultiRegionConfiguration?: {
    MultiRegionKeyType: "PRIMARY" | "REPLICA";
    PrimaryKey: RegionalKey;
    ReplicaKeys: RegionalKey[];
  };
  CurrentKeyMaterialId?: string;
}

export interface RegionalKey {
  Arn: string;
  Region: string;
}

export interface Alias {
  AliasName: string;
  AliasArn: string;
  TargetKeyId?: string;
  CreationDate?: number;
  LastUpdatedDate?: number;
}

export interface Tag {
  TagKey: string;
  TagValue: string;
}

export interface Grant {
  GrantId: string;
  Name?: string;
  CreationDate?: number;
  GranteePrincipal?: string;
  GranteeServicePrincipal?: string;
  RetiringPrincipal?: string;
  IssuingAccount?: string;
  Operations?: string[];
  Constraints?: { EncryptionContextSubset?: Record<string, string>; EncryptionContextEquals?: Record<string, string> };
}

export interface Rotation {
  KeyMaterialId?: string;
  KeyMaterialDescription?: string;
  ImportState?: string;
  KeyMaterialState?: string;
  ExpirationModel?: string;
  ValidTo?: number;
  RotationDate?: number;
  RotationType?: string;
}

export interface RotationStatus {
  KeyRotationEnabled: boolean;
  RotationPeriodInDays?: number;
  NextRotationDate?: number;
}

export interface LastUsage {
  KeyLastUsage?: { Operation?: string; Timestamp?: number; CloudTrailEventId?: string; KmsRequestId?: string };
  TrackingStartDate?: number;
}

export interface ImportParameters {
  KeyId: string;
  ImportToken: string;
  PublicKey: string;
  ParametersValidTo: number;
}

export interface TrailEvent {
  EventId: string;
  EventName: string;
  ReadOnly?: string;
  AccessKeyId?: string;
  EventTime: number;
  EventSource: string;
  Username?: string;
  Resources?: { ResourceType?: string; ResourceName?: string }[];
  CloudTrailEvent: string;
}

/** The parts of a CloudTrail record that the pages look at. */
export interface TrailRecord {
  eventTime?: string;
  eventName?: string;
  eventSource?: string;
  awsRegion?: string;
  sourceIPAddress?: string;
  userAgent?: string;
  errorCode?: string;
  errorMessage?: string;
  requestID?: string;
  recipientAccountId?: string;
  userIdentity?: { type?: string; arn?: string; accountId?: string; accessKeyId?: string; invokedBy?: string };
  resources?: { ARN?: string; type?: string; accountId?: string }[];
}

export interface ExplainedStatement {
  policyType: string;
  source?: string | null;
  sid?: string | null;
  index: number;
  effect: "Allow" | "Deny";
  outcome: "applied" | "notCovering" | "conditionsFailed";
  failedConditions: { operator: string; key: string }[];
  decisive: boolean;
}

export interface ExplainedDecision {
  action: string;
  keyArn?: string | null;
  outcome: string;
  decidedBy?: string | null;
  reason?: string;
  verdicts?: Record<string, string>;
  statements?: ExplainedStatement[];
  grants?: string[];
}

export interface Explanations {
  KeyId: string;
  RequestId: string;
  Explanations: { Account: string; Timestamp: number; Decision: ExplainedDecision }[];
}

export interface UsageRow {
  Start: number;
  End: number;
  Group: Record<string, string>;
  Requests: number;
  Errors: number;
}

export interface CostLine {
  Start: number;
  End: number;
  Group: Record<string, string>;
  UsageType: string;
  Unit: string;
  Quantity: string;
  Amount: string;
}

export interface CostReport {
  Month: string;
  Currency: string;
  Complete: boolean;
  Lines: CostLine[];
  Total: string;
}

export interface Quota {
  Code: string;
  Name: string;
  Kind: "RESOURCE" | "REQUEST";
  Value: number | null;
  Default: number | null;
  Adjustable: boolean;
  Used?: number;
}
