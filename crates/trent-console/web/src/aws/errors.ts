// What can go wrong with a call, as AWS says it.

export class AwsError extends Error {
  constructor(
    /** AWS's name, as in `AccessDeniedException`. */
    readonly code: string,
    message: string,
    readonly requestId: string,
    readonly operation: string,
    readonly status: number,
  ) {
    super(message);
    this.name = "AwsError";
  }

  get denied(): boolean {
    return this.code === "AccessDeniedException" || this.code === "AccessDenied";
  }

  /** This Trent does not have the operation. */
  get unknownOperation(): boolean {
    return this.code === "UnknownOperationException" || this.code === "InvalidAction";
  }

  /** The session has ended, or its credentials have been taken away. */
  get signedOut(): boolean {
    return (
      ["ExpiredToken", "ExpiredTokenException", "InvalidClientTokenId", "UnrecognizedClientException"].includes(
        this.code,
      ) || this.code === "MissingAuthenticationToken"
    );
  }
}

/** Any failure as one that can be shown. */
export function asAwsError(error: unknown, operation = ""): AwsError {
  if (error instanceof AwsError) return error;
  const message = error instanceof Error ? error.message : String(error);
  return new AwsError("NetworkError", message, "", operation, 0);
}

/** The error of a JSON answer: `{"__type": "…#Name", "message": "…"}`, either letter case. */
export function jsonError(body: string, status: number, requestId: string, operation: string): AwsError {
  let parsed: Record<string, unknown> = {};
  try {
    const value: unknown = JSON.parse(body);
    if (typeof value === "object" && value !== null) parsed = value as Record<string, unknown>;
  } catch {
    // A proxy's page, or nothing: the status has to do.
  }
  const type = typeof parsed.__type === "string" ? parsed.__type : `HTTP ${status}`;
  const message = parsed.message ?? parsed.Message;
  const code = type.slice(type.lastIndexOf("#") + 1);
  return new AwsError(code, typeof message === "string" ? message : "", requestId, operation, status);
}
