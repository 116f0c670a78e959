/** The address of a file that vite puts beside the scripts. */
declare module '*.json?url' {
  const url: string;
  export default url;
}
