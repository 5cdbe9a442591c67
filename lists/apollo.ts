/** An export of contacts from Apollo: wide, most of its columns empty, phone numbers behind an apostrophe. */
import { departments, industries, owners, seniorities, stages } from "./phrases.ts"
import { dateOf, type Product, traitOf } from "./product.ts"

const columns =
  "First Name|Last Name|Title|Company Name|Company Name for Emails|Email|Email Status|Primary Email Source|" +
  "Primary Email Verification Source|Email Confidence|Primary Email Catch-all Status|Primary Email Last Verified At|" +
  "Seniority|Departments|Contact Owner|Work Direct Phone|Home Phone|Mobile Phone|Corporate Phone|Other Phone|Stage|Lists|" +
  "Last Contacted|Account Owner|# Employees|Industry|Keywords|Person Linkedin Url|Website|Company Linkedin Url|" +
  "Facebook Url|Twitter Url|City|State|Country|Company Address|Company City|Company State|Company Country|Company Phone|" +
  "Technologies|Annual Revenue|Total Funding|Latest Funding|Latest Funding Amount|Last Raised At|Subsidiary of|Email Sent|" +
  "Email Open|Email Bounced|Replied|Demoed|Number of Retail Locations|Apollo Contact Id|Apollo Account Id|Secondary Email|" +
  "Secondary Email Source|Tertiary Email|Tertiary Email Source"

export const apollo: Product = {
  columns: columns.split("|"),
  cells: (lead) => {
    const { trait, phone, domain } = lead
    const industry = traitOf(industries, trait, 3)
    const dialled = phone === "" ? "" : `'${phone}`
    const owner = traitOf(owners, trait, 5)
    const id = lead.id.toString(16).padStart(24, "6")
    return [
      lead.first,
      lead.last,
      lead.title,
      lead.company,
      lead.company,
      lead.email,
      traitOf(["Verified", "Verified", "Extrapolated", "Unavailable"], trait, 1),
      "Apollo",
      "",
      "",
      trait % 6 === 0 ? "Catch-all" : "Not Catch-all",
      `${dateOf(lead)}T00:00:00+00:00`,
      traitOf(seniorities, trait, 2),
      traitOf(departments, trait, 4),
      owner,
      dialled,
      "",
      trait % 3 === 0 ? dialled : "",
      dialled,
      "",
      traitOf(stages, trait, 7),
      "Q3 outbound, EMEA",
      "",
      owner,
      `${lead.employees}`,
      industry,
      lead.note === "" ? `${industry}, b2b, outbound` : lead.note,
      `http://www.linkedin.com/in/none-${id}`,
      `https://www.${domain}`,
      "",
      "",
      "",
      lead.city,
      "",
      lead.country,
      lead.city === "" ? "" : `${lead.city}, ${lead.country}`,
      lead.city,
      "",
      lead.country,
      dialled,
      "Gmail, Google Apps, WordPress.org",
      trait % 2 === 0 ? `${trait * 100}` : "",
      "",
      "",
      "",
      "",
      trait % 40 === 0 ? `Subsidiary of ${domain}` : "",
      trait % 2 === 0 ? "true" : "false",
      "false",
      "false",
      "false",
      "false",
      "",
      id,
      id,
      "",
      "",
      "",
      ""
    ]
  },
  quotes: "needed",
  lineEnd: "\n",
  byteOrderMark: false
}
