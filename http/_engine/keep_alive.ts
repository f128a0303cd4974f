/** How long a server says that it keeps an idle connection. @module */

import type { Fields } from "./fields.ts";

/**
 * The `timeout` parameter of Keep-Alive (RFC 2068, section 19.7.1.1), in ms; null without a hint.
 * `max=0` stands for no time at all.
 */
export function keepAliveHint(fields: Fields): number | null {
  const value = fields.get("keep-alive");
  if (value === null) return null;
  if (/(?:^|[,;\s])max\s*=\s*"?0+(?!\d)/i.test(value)) return 0;
  const seconds = /(?:^|[,;\s])timeout\s*=\s*"?(\d{1,9})/i.exec(value)?.[1];
  return seconds === undefined ? null : Number(seconds) * 1000;
}
