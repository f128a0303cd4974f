/** Every case for servers. @module */

import type { Case } from "./case.ts";
import { CHUNKED } from "./chunked.ts";
import { CONNECTION } from "./connection.ts";
import { ENDINGS } from "./endings.ts";
import { EXPECT } from "./expect.ts";
import { FIELDS } from "./fields.ts";
import { LENGTH } from "./lengths.ts";
import { CODING } from "./codings.ts";
import { TRAILER } from "./trailers.ts";
import { UPGRADE } from "./upgrade.ts";
import { HOST } from "./host.ts";
import { LIMITS } from "./limits.ts";
import { PIPELINING } from "./pipelining.ts";
import { REQUEST_LINE } from "./request_line.ts";
import { RESPONSES } from "./responses.ts";
import { SMUGGLED } from "./smuggling.ts";

/** All cases by the file that holds them. */
export const SERVER_CASES: Readonly<Record<string, readonly Case[]>> = {
  "request line": REQUEST_LINE,
  "fields": FIELDS,
  "host": HOST,
  "lengths": LENGTH,
  "codings": CODING,
  "smuggling": SMUGGLED,
  "chunked": CHUNKED,
  "trailers": TRAILER,
  "expect": EXPECT,
  "connection": CONNECTION,
  "pipelining": PIPELINING,
  "upgrade": UPGRADE,
  "responses": RESPONSES,
  "endings": ENDINGS,
  "limits": LIMITS,
};
