/**
 * Compares what came of a case with what may: pure.
 *
 * @module
 */

import type { Answer, Case, Outcome } from "./case.ts";
import { connectionOptions, type ReadResponse, saysClose, valuesOf } from "./response_parser.ts";
import type { Played } from "./runner.ts";

/** What is wrong, in words; nothing when all is right. */
export type Judgement = string;

/** Judges one run of a case; `strict` as for this library's own server. */
export function judge(one: Case, played: Played, strict: boolean): Judgement {
  const outcomes = strict ? one.outcomes.slice(0, one.ours) : one.outcomes;
  const complaints: string[] = [];
  for (const outcome of outcomes) {
    const complaint = compare(outcome, played, strict);
    if (complaint === "") return "";
    if (!complaints.includes(complaint)) complaints.push(complaint);
  }
  return complaints.join("; or ");
}

function compare(outcome: Outcome, played: Played, strict: boolean): Judgement {
  const { read, followed, ended } = played;
  if (read.broken !== null) return read.broken;
  if (ended === null) return `the guard ended it after ${read.finals.length} answers`;
  const finals = [...read.finals];
  const noted = compareNotes(outcome, played.notes);
  if (noted !== "") return noted;
  if (outcome.then === "open" && !followed) return "the connection did not stay open";
  // A follow-up that was sent only to learn what is left need not be answered.
  if (followed && (outcome.then === "open" || finals.length > outcome.answers.length)) {
    const complaint = compareFollowUp(finals.pop());
    if (complaint !== "") return complaint;
    if (outcome.then === "close") return "the connection stayed open";
  }
  const complaint = compareAnswers(outcome, finals, played, strict);
  if (complaint !== "") return complaint;
  return read.interim.length > 0 && outcome.answers.length > 0 ? "1xx without an answer" : "";
}

function compareNotes(outcome: Outcome, notes: readonly string[]): Judgement {
  for (const note of outcome.notes ?? []) {
    if (!notes.includes(note)) return `the handler did not note "${note}"`;
  }
  for (const note of outcome.notNoted ?? []) {
    if (notes.includes(note)) return `the handler noted "${note}"`;
  }
  return "";
}

function compareFollowUp(response: ReadResponse | undefined): Judgement {
  if (response === undefined) return "the follow-up request was not answered";
  const { status, body } = response;
  if (status === 200 && body === "follow") return faultsOf(response);
  return `the follow-up request was answered by ${status} ${JSON.stringify(body.slice(0, 60))}`;
}

function compareAnswers(
  outcome: Outcome,
  finals: ReadResponse[],
  played: Played,
  strict: boolean,
): Judgement {
  const { answers, refusal } = outcome;
  // To refuse without a word is right wherever the standard does not name the status.
  const silent = refusal === "any" && !strict && finals.length === answers.length - 1;
  if (finals.length !== answers.length && !silent) {
    const got = finals.map(({ status }) => status).join(" ");
    return `${finals.length} answers (${got}), not ${answers.length}`;
  }
  for (let at = 0; at < finals.length; at++) {
    const isRefusal = refusal !== undefined && at === answers.length - 1;
    const complaint = compareAnswer(answers[at]!, finals[at]!, isRefusal ? refusal : null, strict);
    if (complaint !== "") return `answer ${at + 1}: ${complaint}`;
  }
  return compareEnd(outcome, finals, played, strict);
}

/** What the connection did, beside what the last answer said of it. */
function compareEnd(
  outcome: Outcome,
  finals: ReadResponse[],
  { read, ended, followed }: Played,
  strict: boolean,
): Judgement {
  if (read.rest !== "") return `stray bytes ${JSON.stringify(read.rest.slice(0, 60))}`;
  const last = finals.at(-1);
  const early = finals.slice(0, -1).findIndex(saysClose);
  if (early !== -1) return `answer ${early + 1} says close, and another follows`;
  if (last === undefined || !strict) return "";
  if (ended === "reset" && last.complete) return "a reset, not a FIN, after the answer";
  // RFC 9112, section 9.6: who closes says so; HTTP/1.0 needs no word for it.
  if (outcome.then === "close" && outcome.refusal !== undefined && !saysClose(last)) {
    return "closed without Connection: close";
  }
  if (followed && saysClose(last)) return "said close and stayed open";
  return "";
}

function compareAnswer(
  answer: Answer,
  response: ReadResponse,
  refusal: Outcome["refusal"] | null,
  strict: boolean,
): Judgement {
  const { status } = response;
  const lax = refusal === "any" && !strict;
  const statuses = answer.status === null ? [status] : [answer.status].flat();
  if (lax ? status < 400 : !statuses.includes(status)) {
    return `status ${status}, not ${lax ? "an error" : statuses.join(" or ")}`;
  }
  // RFC 9110, section 2.5: a server should answer in the highest version it conforms to.
  if (strict && response.minor !== 1) return "its version is not 1.1";
  if (answer.cut === true) return response.complete ? "complete, not cut off" : "";
  if (!response.complete) return "incomplete";
  return compareContent(answer, response) || faultsOf(response) || compareDate(response, strict);
}

function compareContent(answer: Answer, response: ReadResponse): Judgement {
  const { body, reason } = response;
  if (answer.reason !== undefined && reason !== answer.reason) return `reason phrase ${reason}`;
  if (typeof answer.body === "string" ? body !== answer.body : answer.body?.test(body) === false) {
    return `content ${JSON.stringify(body.slice(0, 100))}`;
  }
  const interim = response.interim.map(({ status }) => status).join();
  if (interim !== (answer.interim ?? []).join()) return `1xx before it: ${interim || "none"}`;
  for (const [name, wanted] of Object.entries(answer.trailers ?? {})) {
    const values = response.trailers.filter(([one]) => one.toLowerCase() === name);
    if (values.map(([, value]) => value).join() !== wanted) return `trailer ${name}`;
  }
  return compareFields(answer, response);
}

function compareFields(answer: Answer, response: ReadResponse): Judgement {
  for (const [name, wanted] of Object.entries(answer.fields ?? {})) {
    const values = name === "connection"
      ? connectionOptions(response).filter((one) => one !== "")
      : valuesOf(response, name);
    const value = values.length === 0 ? null : values.join(" | ");
    const fits = wanted instanceof RegExp
      ? value !== null && wanted.test(value)
      : value?.toLowerCase() === wanted?.toLowerCase();
    if (!fits) return `${name}: ${value ?? "absent"}, not ${wanted ?? "absent"}`;
  }
  return "";
}

/** RFC 9110, section 6.6.1: an origin server with a clock; a MAY for 5xx. */
function compareDate(response: ReadResponse, strict: boolean): Judgement {
  const { status } = response;
  return strict && status < 500 && valuesOf(response, "date").length === 0 ? "no Date" : "";
}

function faultsOf(response: ReadResponse): Judgement {
  const all = [response, ...response.interim].flatMap(({ faults }) => faults);
  return all.join(", ");
}
