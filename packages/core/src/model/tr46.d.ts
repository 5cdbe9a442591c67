/** The part of tr46 7 that core uses; the package ships no types of its own, and none of these is exported on. */
declare module "tr46" {
  interface Options {
    readonly checkHyphens?: boolean
    readonly checkBidi?: boolean
    readonly checkJoiners?: boolean
    readonly useSTD3ASCIIRules?: boolean
    readonly verifyDNSLength?: boolean
    readonly transitionalProcessing?: boolean
  }
  const tr46: {
    readonly toASCII: (domain: string, options: Options) => string | null
    readonly toUnicode: (
      domain: string,
      options: Options
    ) => { readonly domain: string; readonly error: boolean }
  }
  export default tr46
}
