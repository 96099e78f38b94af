/** A file to send: one that a call gave, or its content. A mere string is a file of that text. */
type FileArgument =
  | File
  | string
  | { name?: string; mimeType?: string; text: string }
  | { name?: string; mimeType?: string; base64: string };
