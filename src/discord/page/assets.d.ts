/** A file that vite puts beside the scripts: its address. */
declare module '*.json?url' {
  const url: string;
  export default url;
}
