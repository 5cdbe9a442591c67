/** The limits of the MCP server, on what comes in and on what goes into the context of a model. */

/** Bytes of one message. */
export const maxMessageBytes = 10_000_000

/** Objects and lists of a message in each other. */
export const maxDepth = 32

/** Rows of one preview, enrolment or coverage. */
export const maxBatchRows = 1_000

/** UTF-16 code units of an id and of an address. */
export const maxIdLength = 200
export const maxEmailLength = 500

/** UTF-16 code units of one marked text; the rest is cut off. */
export const maxTextLength = 500

/** Issues of rows that an answer lists; it counts all. */
export const maxIssues = 100

/** Custom fields of a lead that an answer shows. */
export const maxShownFields = 50

/** Campaigns on one page, and how many a page has when nothing is said. */
export const maxCampaigns = 100
export const defaultCampaigns = 20
