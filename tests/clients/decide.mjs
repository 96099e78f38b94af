// The official TypeScript client of a session, whose user is asked: `node decide.mjs <url> <key or -> <modes> <answers>`.
// `modes` is what the client says it can show, as JSON; `answers` are what its user answers, one after another. For a
// page the user decides there with the key in OWNER. Prints the questions and the answer of one `execute`.
import { Client } from "@modelcontextprotocol/sdk/client/index.js";
import { StreamableHTTPClientTransport } from "@modelcontextprotocol/sdk/client/streamableHttp.js";
import { ElicitRequestSchema } from "@modelcontextprotocol/sdk/types.js";

const [url, key, modes, answers] = process.argv.slice(2);
const headers = key === "-" ? {} : { authorization: `Bearer ${key}` };
const transport = new StreamableHTTPClientTransport(new URL(url), { requestInit: { headers } });
const client = new Client({ name: "deciding", version: "1.0.0" }, { capabilities: { elicitation: JSON.parse(modes) } });
const questions = [];
const remaining = JSON.parse(answers);

client.setRequestHandler(ElicitRequestSchema, async ({ params }) => {
  questions.push(params);
  if (params.mode === "url") {
    const [, id] = params.url.match(/\/approvals\/(\w+)$/);
    const decided = await fetch(`${new URL(url).origin}/api/v1/workspaces/default/approvals/${id}/resolve`, {
      method: "POST",
      headers: { authorization: `Bearer ${process.env.OWNER}`, "content-type": "application/json" },
      body: JSON.stringify({ decision: "approve" }),
    });
    if (!decided.ok) throw new Error(await decided.text());
    return { action: "accept" };
  }
  return remaining.shift();
});
await client.connect(transport);
const code = `
  const made = await Promise.allSettled(["one", "two"].map((name) => tools.items.items.create({ name })));
  return made.map((call) => call.value?.name ?? call.reason.code);`;
const answer = await client.callTool({ name: "execute", arguments: { code, waitMs: 20_000 } });
console.log(JSON.stringify({ questions, structured: answer.structuredContent, text: answer.content[0].text }));
await client.close();
process.exit(0);
