/**
 * Responses of text that go out in one piece. Many servers give the same one over and over (a
 * greeting, "ok", a list that rarely changes); made of the same parts it is the same string, which a
 * stream below can tell at a glance.
 *
 * @module
 */

import { utf8Length } from "../../_core/text.ts";
import { headOf, type Opening, type ResponsePlan } from "./response_plan.ts";

/** A longer text is told anew each time: what was sent once shall not stay in memory. */
const MOST_LETTERS = 16 * 1024;

let content = "";
let length = 0;
let opening: Opening | null = null;
let text = "";

/** How many bytes a text has as UTF-8. */
export function textLength(given: string): number {
  if (given === content) return length;
  if (given.length > MOST_LETTERS) return utf8Length(given);
  content = given;
  length = utf8Length(given);
  opening = null;
  return length;
}

/** A planned response with its content, after `textLength()` was asked about that. */
export function wholeText(plan: ResponsePlan, given: string): string {
  if (given !== content) return headOf(plan) + given;
  if (plan.opening !== opening) {
    opening = plan.opening;
    text = headOf(plan) + content;
  }
  return text;
}
