// What code reaches.

interface CallOptions {
  /** The connection to use, by its name. */
  connection?: string;
  /** How long the call may take, if that is less than its source gives it. */
  timeoutMs?: number;
}

interface ToolResponse<R> {
  data: R;
  status: number;
  headers: Record<string, string>;
}

interface Tool<A, R> {
  (args: A, options: CallOptions & { response: true }): Promise<ToolResponse<R>>;
  /** All items of all pages. */
  (args: A, options: CallOptions & { paginate: true }): AsyncIterable<R extends readonly (infer Item)[] ? Item : any>;
  (args: A, options?: CallOptions): Promise<R>;
}

interface OptionalTool<A, R> extends Tool<A, R> {
  (args?: A): Promise<R>;
}

interface FoundTool {
  path: string;
  signature: string;
  summary: string;
}

interface SearchOptions {
  limit?: number;
  /** Only tools of this source. */
  source?: string;
  kind?: "openapi" | "graphql" | "mcp" | "google_discovery";
  /** `none` for tools that only read. */
  sideEffect?: "none" | "idempotent" | "write";
}

interface ExecutorTools {
  /** Finds tools by what they should do. */
  search(query: string, options?: SearchOptions): Promise<{ items: FoundTool[]; hint?: string }>;
  /** TypeScript of what a tool takes and gives. */
  describe(path: string): Promise<string>;
  executor: {
    /** Asks a person, and waits for the answer. */
    ask(question: { title: string; details?: string; schema?: object }): Promise<any>;
    files: {
      read(
        blob: string,
        options?: { offset?: number; length?: number },
      ): Promise<{ text?: string; base64: string; size: number; end: boolean }>;
    };
  };
}
