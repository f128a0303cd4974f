// @ts-check
// node:http with an agent that keeps connections: node_http_agent.mjs
import { Agent, request } from "node:http";
import { drive } from "./http_client_driver.mjs";

const agent = new Agent({ keepAlive: true });

drive(({ url, method, body }) =>
  new Promise((resolve, reject) => {
    const headers = body === undefined ? {} : { "content-length": body.length };
    const asked = request(url, { agent, method, headers }, (response) => {
      /** @type {Uint8Array[]} */
      const chunks = [];
      response.on("data", (chunk) => chunks.push(chunk));
      response.on("end", () => resolve(Buffer.concat(chunks)));
      response.on("error", reject);
    });
    asked.on("error", reject);
    asked.end(body);
  })
);
