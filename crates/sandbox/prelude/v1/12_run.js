// The program's life, from its main promise to its end.

// Where in `value` the thing is that keeps it from being JSON, as "a BigInt at `items[3].id`".
function culprit(value, place, above) {
  const where = place === "" ? "the result itself" : `\`${place}\``;
  if (typeof value === "bigint") return `a BigInt at ${where}`;
  if (typeof value !== "object" || value === null) return undefined;
  for (let outer = above; outer !== null; outer = outer.above) {
    if (outer.value === value) return `a circular reference at ${where}`;
  }
  const names = keys(value);
  for (let index = 0; index < names.length; index++) {
    const name = names[index];
    const step = isArray(value) ? `[${name}]` : matches(identifier, name) ? (place === "" ? name : `.${name}`) : `[${quote(name)}]`;
    const found = culprit(value[name], `${place}${step}`, { value, above });
    if (found !== undefined) return found;
  }
  return undefined;
}

function explain(value, error) {
  try {
    return culprit(value, "", null) ?? cut(`${error}`);
  } catch {
    return "nested too deeply";
  }
}

function returned(value) {
  if (value === undefined) return host.returned(undefined);
  let result;
  try {
    result = json(value);
  } catch (error) {
    return host.unserializable(text(explain(value, error)));
  }
  if (result === undefined) return host.unserializable(`a ${typeof value} is the result itself`);
  host.returned(result);
}

function threw(error) {
  try {
    if (error instanceof NativeError) {
      const { name, message, stack } = error;
      const trace = typeof stack === "string" ? stack : "";
      const { code, hint } = toolErrorOrigin(error);
      return host.threw(text(cut(`${name}`)), text(cut(`${message}`)), text(trace), code, hint);
    }
  } catch {
    // An error that throws when it is looked at is shown as any other value.
  }
  host.threw(undefined, text(display(error)), "", undefined, undefined);
}

async function run(main) {
  let value;
  try {
    value = await main();
  } catch (error) {
    threw(error);
    return;
  }
  returned(value);
}

return { run, settleCall, fireTimer, __proto__: null };
