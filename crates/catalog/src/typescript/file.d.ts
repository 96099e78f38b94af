/** A file that a call gave. Read it with `tools.executor.files.read(file.blob)`, or give it to another call. */
interface File {
  name: string;
  mimeType: string;
  size: number;
  blob: string;
}
