// @ts-check
// The runtime's own fetch: global_fetch.mjs
import { drive } from "./http_client_driver.mjs";

drive(async ({ url, method, body }) => {
  const response = await fetch(url, body === undefined ? {} : { method, body });
  return await response.arrayBuffer();
});
