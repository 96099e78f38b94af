// The official TypeScript client against a running Executor: `node mcp.mjs http <url> [token]`, or
// `node mcp.mjs stdio <program> <argument>…`. Prints what it saw as one JSON object.
import { Client } from "@modelcontextprotocol/sdk/client/index.js";
import { StdioClientTransport } from "@modelcontextprotocol/sdk/client/stdio.js";
import { StreamableHTTPClientTransport } from "@modelcontextprotocol/sdk/client/streamableHttp.js";

const [kind, target, ...rest] = process.argv.slice(2);
const transport =
  kind === "http"
    ? new StreamableHTTPClientTransport(new URL(target), {
        requestInit: rest[0] ? { headers: { authorization: `Bearer ${rest[0]}` } } : {},
      })
    : new StdioClientTransport({ command: target, args: rest, env: process.env, stderr: "inherit" });

const client = new Client({ name: "end-to-end", version: "1.0.0" });
await client.connect(transport);

const call = async (name, args) => {
  const answer = await client.callTool({ name, arguments: args });
  return {
    isError: answer.isError ?? false,
    structured: answer.structuredContent,
    text: answer.content.filter((part) => part.type === "text").map((part) => part.text).join("\n"),
  };
};

const { tools } = await client.listTools();
const seen = {
  tools: tools.map((tool) => tool.name).sort(),
  instructions: client.getInstructions() ?? "",
  sum: await call("execute", { code: "const n: number = 1; console.log('hello'); return n + 1" }),
  failure: await call("execute", { code: "throw new TypeError('no')" }),
  search: await call("search_tools", { query: "get an item" }),
  parallel: await call("execute", {
    code: "return await Promise.all([1, 2, 3].map((id) => tools.items.items.get({ id })))",
  }),
};
console.log(JSON.stringify(seen));
await client.close();
process.exit(0);
