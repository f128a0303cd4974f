// @ts-check
// undici: undici_client.mjs <role: request or fetch>
import process from "node:process";
import { drive } from "./http_client_driver.mjs";

const { Agent, fetch, request } = await import(/** @type {string} */ ("undici"));
const dispatcher = new Agent();

drive(
  process.argv[2] === "fetch"
    ? async ({ url, method, body }) => {
      const response = await fetch(url, { dispatcher, method, body });
      return await response.arrayBuffer();
    }
    : async ({ url, method, body }) => {
      const response = await request(url, { dispatcher, method, body });
      return await response.body.arrayBuffer();
    },
);
