import { describe, expect, it } from "vitest";

import { parseXml, xmlError } from "./xml";

describe("parseXml", () => {
  it("reads lists, empty elements and entities", () => {
    const root = parseXml(
      '<?xml version="1.0"?>\n<ListUsersResponse xmlns="https://iam.amazonaws.com/doc/2010-05-08/"><ListUsersResult>' +
        "<Users><member><UserName>a&amp;b &#252; &#x1F510;</UserName><Path/></member><member/></Users>" +
        "<IsTruncated>false</IsTruncated></ListUsersResult></ListUsersResponse>",
    );
    const result = root.child("ListUsersResult");
    expect(result?.members("Users").map((user) => user.value("UserName"))).toEqual(["a&b ü 🔐", ""]);
    expect(result?.value("IsTruncated")).toBe("false");
    expect(result?.members("Nothing")).toEqual([]);
  });

  it("refuses what is no document", () => {
    for (const broken of ["", "<a>", "<a></b>", "</a>", "<a><!DOCTYPE x></a>", "<a", "text"]) {
      expect(() => parseXml(broken), broken).toThrow(SyntaxError);
    }
  });
});

describe("xmlError", () => {
  it("reads AWS's error and gives up on anything else", () => {
    const body =
      "<ErrorResponse><Error><Type>Sender</Type><Code>NoSuchEntity</Code><Message>No user &lt;x&gt;</Message></Error>" +
      "<RequestId>r-1</RequestId></ErrorResponse>";
    expect(xmlError(body, 404, "", "GetUser")).toMatchObject({
      code: "NoSuchEntity",
      message: "No user <x>",
      requestId: "r-1",
    });
    expect(xmlError("<html><body>Bad gateway</body>", 502, "", "GetUser").code).toBe("HTTP 502");
  });
});
