/**
 * The exports that lists come from, each with its own names for the same things: HubSpot contacts, Apollo contacts,
 * Instantly leads, a Salesforce report on leads, a Mailchimp audience; and `plain`, a spreadsheet saved as "CSV UTF-8".
 * Columns stand in the order of those products' default exports, with the further ones of a usual view behind them.
 */
import { apollo } from "./apollo.ts"
import { digits, lastFour } from "./digits.ts"
import { departments, industries, owners, sources, stages, tags } from "./phrases.ts"
import { dateOf, momentOf, type Product, traitOf } from "./product.ts"

const columns = (text: string): ReadonlyArray<string> => text.split("|")

const hubspot: Product = {
  columns: columns(
    "Record ID|First Name|Last Name|Email|Phone Number|Contact owner|Primary Associated Company ID|Last Activity Date|" +
      "Lead Status|Marketing contact status|Create Date|Associated Company|Job Title|Company Name|City|Country/Region|" +
      "Number of Employees|Message"
  ),
  cells: (lead) => [
    digits(lead.id),
    lead.first,
    lead.last,
    lead.email,
    lead.phone,
    traitOf(owners, lead.trait, 1),
    digits(9_000_000 + (lead.trait % 50_000)),
    lead.trait % 3 === 0 ? momentOf(lead) : "",
    traitOf(stages, lead.trait, 7),
    lead.trait % 4 === 0 ? "Non-marketing contact" : "Marketing contact",
    momentOf(lead),
    lead.company,
    lead.title,
    lead.company,
    lead.city,
    lead.country,
    `${lead.employees}`,
    lead.note
  ],
  quotes: "all",
  lineEnd: "\n",
  byteOrderMark: false
}

const instantly: Product = {
  columns: columns(
    "email|first_name|last_name|company_name|job_title|phone|website|location|linkedIn|personalization|lead_status|" +
      "verification_status|email_open_count|email_reply_count|timestamp_created"
  ),
  cells: (lead) => [
    lead.email,
    lead.first,
    lead.last,
    lead.company,
    lead.title,
    lead.phone,
    lead.domain,
    lead.city === "" ? lead.country : `${lead.city}, ${lead.country}`,
    "",
    lead.note,
    traitOf(["Not yet contacted", "Contacted", "Completed", "Unsubscribed"], lead.trait, 1),
    traitOf(["Verified", "Risky", "Unverified"], lead.trait, 4),
    `${lead.trait % 9}`,
    `${lead.trait % 2}`,
    `${dateOf(lead)}T08:00:00.000Z`
  ],
  quotes: "needed",
  lineEnd: "\n",
  byteOrderMark: false
}

const salesforce: Product = {
  columns: columns(
    "Lead ID|First Name|Last Name|Title|Company / Account|Email|Phone|Lead Source|Lead Status|Rating|Industry|Street|City|" +
      "State/Province|Zip/Postal Code|Country|Lead Owner|Create Date|Last Activity|Email Opt Out|Description"
  ),
  cells: (lead) => [
    `00Q8d00000${lead.id.toString(36).toUpperCase().padStart(8, "0")}`,
    lead.first,
    lead.last,
    lead.title,
    lead.company,
    lead.email,
    lead.phone,
    traitOf(sources, lead.trait, 1),
    traitOf(["Open - Not Contacted", "Working - Contacted", "Closed - Not Converted"], lead.trait, 6),
    traitOf(["Hot", "Warm", "Cold", ""], lead.trait, 2),
    traitOf(industries, lead.trait, 3),
    lead.trait % 3 === 0 ? `${lead.trait % 200} Main St\r\nSuite ${lead.trait % 40}` : "",
    lead.city,
    "",
    lead.trait % 2 === 0 ? `0${lastFour(1_000 + (lead.trait % 8_000))}` : "",
    lead.country,
    traitOf(owners, lead.trait, 5),
    dateOf(lead),
    "",
    lead.trait % 50 === 0 ? "1" : "0",
    lead.note
  ],
  quotes: "all",
  lineEnd: "\r\n",
  byteOrderMark: false
}

const mailchimp: Product = {
  columns: columns(
    "Email Address|First Name|Last Name|Address|Phone Number|Company Name|Job Title|MEMBER_RATING|OPTIN_TIME|OPTIN_IP|" +
      "CONFIRM_TIME|CONFIRM_IP|LATITUDE|LONGITUDE|GMTOFF|DSTOFF|TIMEZONE|CC|REGION|LAST_CHANGED|LEID|EUID|NOTES|TAGS"
  ),
  cells: (lead) => {
    const moment = `${momentOf(lead)}:00`
    const tag = traitOf(tags, lead.trait, 1)
    return [
      lead.email,
      lead.first,
      lead.last,
      lead.city === "" ? "" : `${lead.city}  ${lead.country}`,
      lead.phone,
      lead.company,
      lead.title,
      `${1 + (lead.trait % 5)}`,
      "",
      "",
      moment,
      `198.51.100.${lead.trait % 256}`,
      "52.5200000",
      "13.4050000",
      "1",
      "2",
      "Europe/Berlin",
      "DE",
      "BE",
      moment,
      digits(lead.id),
      (lead.trait + 1_000_000).toString(16).padStart(10, "0"),
      lead.note,
      tag === "" ? "" : `"${tag}"${lead.trait % 7 === 0 ? ',"Newsletter"' : ""}`
    ]
  },
  quotes: "spaces",
  lineEnd: "\n",
  byteOrderMark: false
}

const plain: Product = {
  columns: columns("email|firstName|lastName|company|jobTitle|phone|city|country|department|Tags|notes"),
  cells: (lead) => [
    lead.email,
    lead.first,
    lead.last,
    lead.company,
    lead.title,
    lead.phone,
    lead.city,
    lead.country,
    traitOf(departments, lead.trait, 1),
    traitOf(tags, lead.trait, 6),
    lead.note
  ],
  quotes: "needed",
  lineEnd: "\r\n",
  byteOrderMark: true
}

export const products = { hubspot, apollo, instantly, salesforce, mailchimp, plain }
