// @ts-check
// This library's HTTP client, run by Deno from the sources and by Node from the npm build:
// netstd_http_client.mjs <role> <module>
import process from "node:process";
import { drive } from "./http_client_driver.mjs";

const module = process.argv[3] ?? "";
const { HttpClient } = await import(new URL(module, import.meta.url).href);
const client = new HttpClient();

drive(async ({ url, method, body }) => {
  const response =
    await (body === undefined ? client.fetch(url) : client.fetch(url, { method, body }));
  return await response.arrayBuffer();
});
