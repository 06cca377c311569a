import { describe, expect, it } from "vitest";

import { denialOf, holderOf, keyOfDenial } from "./denial";

const ann = "arn:aws:iam::111122223333:user/team/ann";

describe("a denial", () => {
  it("is read out of AWS's messages", () => {
    const because = "because no identity-based policy allows the kms:ListKeys action";
    expect(denialOf(`User: ${ann} is not authorized to perform: kms:ListKeys ${because}`)).toEqual({ principal: ann, action: "kms:ListKeys", resource: "*" });
    expect(denialOf(`User: ${ann} is not authorized to perform: iam:DeleteUser on resource: arn:aws:iam::111122223333:user/bob with an explicit deny in an identity-based policy`)).toEqual({
      principal: ann,
      action: "iam:DeleteUser",
      resource: "arn:aws:iam::111122223333:user/bob",
    });
    expect(denialOf("Something else")).toBeUndefined();
  });

  it("may name the key", () => {
    const arn = "arn:aws:kms:eu-west-1:111122223333:key/mrk-0123";
    expect(keyOfDenial(`User: ${ann} is not authorized to perform: kms:Encrypt on resource: ${arn} because no key policy`)).toEqual({ arn, region: "eu-west-1" });
    expect(keyOfDenial(`User: ${ann} is not authorized to perform: kms:CreateAlias on resource: arn:aws:kms:eu-west-1:111122223333:alias/a because`)).toBeUndefined();
  });

  it("counts by the policies of a user or a role", () => {
    expect(holderOf(ann)).toEqual({ user: ann });
    expect(holderOf("arn:aws:sts::111122223333:assumed-role/app/session")).toEqual({ role: "app" });
    expect(holderOf("arn:aws:iam::111122223333:root")).toBeUndefined();
  });
});
