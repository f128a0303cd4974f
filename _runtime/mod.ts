export { runtime } from "./deno.ts";
