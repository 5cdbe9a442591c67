import { describe, expect, it } from "vitest"
import { cut, encoded, faultOfText, readAll, readText } from "./read.ts"

/**
 * Exports as other products and spreadsheets write them, with their titles, languages and blanks.
 */
describe("layouts of real exports", () => {
  const linkedIn = [
    "Notes:",
    '"When exporting your connection data, you may notice that some of the email addresses are missing. You will only see email addresses for connections who have allowed it."',
    "",
    "First Name,Last Name,URL,Email Address,Company,Position,Connected On",
    'Ava,Chen,https://www.linkedin.com/in/ava,ava@acme.com,"Acme, Inc",CTO,02 Jan 2026',
    ""
  ].join("\n")

  it("LF-2: LinkedIn's notes above the header are passed over, however the list is cut", async () => {
    for (const size of [1, 7, 100_000]) {
      const { error, file, rows } = await readAll(cut(encoded(linkedIn), [size]))
      expect(error).toBeUndefined()
      expect(file.columns.map(({ fields }) => fields[0])).toEqual([
        "firstName",
        "lastName",
        "URL",
        "email",
        "company",
        "jobTitle",
        "Connected On"
      ])
      expect(rows.map(({ line, row }) => [line, row])).toEqual([
        [5, expect.objectContaining({ email: "ava@acme.com", company: "Acme, Inc", firstName: "Ava" })]
      ])
    }
  })

  it.each([
    [
      "a report's title",
      "Contacts Q3;;\nErstellt am 01.02.2026;;\n;;\nE-Mail;Vorname;Firma\na@b.de;Ava;Acme\n",
      5
    ],
    ["a title with broken quotes", '"Leads" of Q3\n\nEmail,First Name\na@b.de,Ava\n', 4],
    ["a column of kinds of addresses", "Email,Channel\na@b.de,Email\nc@d.ef,Phone\n", 2],
    ["Excel's line before a title", "sep=;\nLeads\nEmail;x\na@b.de;1\n", 4]
  ])("LF-2: the header is found: %s", async (_, list, line) => {
    const { error, rows } = await readText(list)
    expect([error, rows[0]?.line]).toEqual([undefined, line])
    expect(rows[0]?.row).toMatchObject({ email: "a@b.de" })
  })

  it("LF-2: a header below the tenth line is not looked for, and the error says what to do", async () => {
    const list = `${"title\n".repeat(10)}Email,x\na@b.de,1\n`
    const error = await faultOfText(list)
    expect(error.reason).toBe("NoEmailColumn")
    expect(error.message).toContain("the first line must hold the names of the columns")
    expect(error.message).not.toContain("{")
    expect(error.hints).toContainEqual({ kind: "option", option: "skipLines", value: null })
    const { rows } = await readText(list, { skipLines: 10 })
    expect(rows.map((row) => [row.line, row.row])).toEqual([
      [12, { email: "a@b.de", customFields: { x: "1" } }]
    ])
  })

  it.each([
    ["Ava Chen <ava@acme.com>\nbo@oak.com\ncy@elm.com\n", "Ava Chen <ava@acme.com>"],
    ["<ava@acme.com>\nbo@oak.com\n", "<ava@acme.com>"],
    ["mailto:ava@acme.com\nbo@oak.com\n", "mailto:ava@acme.com"],
    ["@foo.com\n@bar.com\n", "@foo.com"]
  ])("LF-1: a first line that is a row is no header, with or without a map: %j", async (list, email) => {
    for (const options of [{}, { map: { "1": "email" } }, { header: false }]) {
      const { file, rows } = await readText(list, options)
      expect(rows.map(({ line }) => line)).toEqual(rows.map((_, index) => index + 1))
      expect(rows[0]?.row).toEqual({ email })
      expect(file.columns.map(({ fields }) => fields)).toEqual([["email"]])
    }
  })

  it("LF-2: a first line that may be a row is said to be taken for the header", async () => {
    for (const [list, first] of [
      ["ava at acme\nbo@oak.com\n", { kind: "map", column: 1, key: "#1", field: "email" }],
      ["ava@acme\nbo@oak.com\n", { kind: "option", option: "header", value: "false" }]
    ] as const) {
      const error = await faultOfText(list)
      expect(error.message).toContain("if it is a row, read the list without a header")
      expect(error.hints[0]).toEqual(first)
      expect(error.hints).toContainEqual({ kind: "option", option: "header", value: "false" })
      const { rows } = await readText(list, { header: false })
      expect(rows.map(({ row }) => row)).toEqual([{ email: list.split("\n")[0] }, { email: "bo@oak.com" }])
    }
  })

  it.each([
    ["a cell like a name", "Name,Customer Email,Channel\nAva,,Phone\nBo,,Email\nCy,cy@elm.com,Phone\n", 2],
    ["a title and rows", "Leads;;\nAva;Phone;x\nBo;Email;y\nCy;cy@elm.com;\n", 2]
  ])("LF-2: a row below wider ones is no header: %s", async (_, list, column) => {
    const error = await faultOfText(list)
    expect(error.reason).toBe("NoEmailColumn")
    expect(error.hints[0]).toEqual({ kind: "map", column, key: `#${column}`, field: "email" })
  })

  it("LF-2: an error without addresses hints at the column that holds some", async () => {
    const error = await faultOfText("Firma;Kontakt\nAcme;ava@acme.com\n")
    expect(error.hints[0]).toEqual({ kind: "map", column: 2, key: "#2", field: "email" })
    const { rows } = await readText("Firma;Kontakt\nAcme;ava@acme.com\n", { map: { "2": "email" } })
    expect(rows[0]?.row).toEqual({ email: "ava@acme.com", company: "Acme" })
  })

  it.each(["\n", "\r\n", "\r"])(
    "LF-1: lines are skipped in any format, however they end: %j",
    async (end) => {
      for (const [format, lines] of [
        ["csv", ["x", '"', "email", "a@b.de"]],
        ["ndjson", ["x", '"', '{"email":"a@b.de"}']],
        ["json", ["x", '"', '[{"email":"a@b.de"}]']]
      ] as const) {
        for (const size of [1, 2, 1_000]) {
          const { error, rows } = await readAll(cut(encoded(lines.join(end)), [size]), {
            format,
            skipLines: 2
          })
          expect([error, rows[0]?.row, rows[0]?.line]).toEqual([
            undefined,
            { email: "a@b.de" },
            format === "csv" ? 4 : 3
          ])
        }
      }
      expect(await faultOfText(`x${end}y${end}`, { skipLines: 2 })).toMatchObject({ reason: "Empty" })
    }
  )

  it.each([
    ["German, Outlook", "Vorname;Nachname;Firma;Position;E-Mail-Adresse"],
    ["German, Excel", "Vorname;Name;Unternehmen;Berufsbezeichnung;E-Mail"],
    ["French, Outlook", "Prénom;Nom;Société;Titre;Adresse de messagerie"],
    ["French, HubSpot", "Prénom;Nom de famille;Nom de l'entreprise;Intitulé du poste;Adresse e-mail"],
    ["Italian", "Nome;Cognome;Azienda;Qualifica;Indirizzo e-mail"],
    ["Spanish, HubSpot", "Nombre;Apellidos;Nombre de la empresa;Cargo;Correo"],
    ["Spanish", "Nombre;Apellido;Empresa;Puesto;Correo electrónico"],
    ["Portuguese", "Nome;Sobrenome;Empresa;Cargo;Endereço de e-mail"],
    ["Portuguese, Google", "Nome próprio;Apelido;Nome da empresa;Função;E-mail"],
    ["Dutch", "Voornaam;Achternaam;Bedrijfsnaam;Functie;E-mailadres"],
    ["Polish", "Imię;Nazwisko;Nazwa firmy;Stanowisko;Adres e-mail"],
    ["Japanese", "名;姓;会社名;役職;メールアドレス"],
    ["Japanese, other words", "名;名字;勤務先;肩書き;Eメール"],
    ["Chinese", "名;姓;公司;职位;邮箱"],
    ["Chinese, traditional", "名字;姓氏;公司名稱;職稱;電子郵件"]
  ])("LF-2: headers are known in other languages: %s", async (_, header) => {
    const { file, rows } = await readText(`${header}\nAva;Chen;Acme;CTO;ava@acme.com\n`)
    expect(file.columns.every(({ reason }) => reason === "name")).toBe(true)
    expect(rows[0]?.row).toEqual({
      firstName: "Ava",
      lastName: "Chen",
      company: "Acme",
      jobTitle: "CTO",
      email: "ava@acme.com"
    })
    const names = header.split(";")
    const object = Object.fromEntries(
      ["Ava", "Chen", "Acme", "CTO", "ava@acme.com"].map((value, index) => [names[index], value])
    )
    const json = await readText(`${JSON.stringify(object)}\n`)
    expect(json.rows[0]?.row).toEqual(rows[0]?.row)
  })

  it("LF-2: a name that depends on others stays a custom field without them", async () => {
    const { file } = await readText("Nom,Courriel\nAva Chen,a@b.de\n")
    expect(file.columns[0]).toMatchObject({ fields: ["Nom"], reason: "custom", offer: "splitName" })
    const { file: data } = await readText("FIRSTNAME,LASTNAME,NAME,EMAIL\nAva,Chen,Ava Chen,a@b.de\n")
    expect(data.columns[2]).toMatchObject({ fields: ["NAME"], reason: "custom", offer: null })
  })

  it.each([
    ["Ava Chen", { firstName: "Ava", lastName: "Chen" }],
    ["Ludwig van Beethoven", { firstName: "Ludwig", lastName: "van Beethoven" }],
    ["Chen, Ava", { firstName: "Ava", lastName: "Chen" }],
    ["Ava", { firstName: "Ava" }],
    ["山田　太郎", { firstName: "太郎", lastName: "山田" }],
    [" ", {}]
  ])("LF-2: a full name is split on request only: %j", async (name, fields) => {
    for (const header of ["Full Name", "Name", "氏名"]) {
      const list = `${header};Email\n"${name}";a@b.de\n`
      const offered = await readText(list)
      expect(offered.file.columns[0]).toMatchObject({ fields: [header], offer: "splitName" })
      const { file, rows } = await readText(list, { splitName: true })
      expect(file.columns[0]).toMatchObject({
        fields: ["firstName", "lastName"],
        reason: "split",
        offer: null
      })
      expect(rows[0]?.row).toEqual({ ...fields, email: "a@b.de" })
      const json = await readText(`${JSON.stringify({ [header]: name, email: "a@b.de" })}\n`, {
        splitName: true
      })
      expect(json.rows[0]?.row).toEqual({ ...fields, email: "a@b.de" })
    }
  })

  it("LF-2: a full name is split under any name that a map gives, and never over first and last names", async () => {
    const map = { Kontakt: "Full Name" }
    const { rows } = await readText("Kontakt,Email\nAva Chen,a@b.de\n", { map, splitName: true })
    expect(rows[0]?.row).toEqual({ firstName: "Ava", lastName: "Chen", email: "a@b.de" })
    const both = await readText("Name,First Name,Email\nAva Chen,Eve,a@b.de\n", { splitName: true })
    expect(both.rows[0]?.row).toEqual({
      firstName: "Eve",
      email: "a@b.de",
      customFields: { Name: "Ava Chen" }
    })
    const json = await readText('{"name":"Ava Chen","firstName":"Eve","email":"a@b.de"}\n', {
      splitName: true
    })
    expect(json.rows[0]?.row).toEqual({ name: "Ava Chen", firstName: "Eve", email: "a@b.de" })
    expect(await faultOfText("Kontakt,Email\nx,a@b.de\n", { splitName: true })).toMatchObject({
      reason: "UnknownColumn"
    })
  })

  it.each([
    'Email, "First Name" , Notes\na@b.de, "Ava" ,x\n',
    '"Email" ,"First Name","Notes"\n"a@b.de"\t,"Ava", "x" \r\n',
    "Email , First Name,Notes\n a@b.de , Ava ,x\n"
  ])("LF-3: blanks outside quotes are no part of a cell: %j", async (list) => {
    const { file, rows } = await readText(list)
    expect(file.columns.map(({ name }) => name)).toEqual(["Email", "First Name", "Notes"])
    expect(rows.map(({ row }) => row)).toEqual([
      { email: "a@b.de", firstName: "Ava", customFields: { Notes: "x" } }
    ])
  })

  it("LF-3: blanks inside quotes stay, and blanks around an unquoted custom field", async () => {
    const { rows } = await readText('Email,First Name,Notes\na@b.de," Ava ", x \n')
    expect(rows[0]?.row).toEqual({ email: "a@b.de", firstName: " Ava ", customFields: { Notes: " x " } })
    const tabs = await readText('Email\tFirst Name\tNotes\na@b.de\t "Ava"\t\t\n')
    expect(tabs.rows[0]?.row).toEqual({ email: "a@b.de", firstName: "Ava" })
  })

  it.each([
    ['"Email"x,"Name"y\n', 1],
    ['\n\n"Email,Name\n', 3]
  ])("LF-4: a first record whose quotes are broken says so, with its line: %j", async (list, line) => {
    const error = await faultOfText(`${list}a@b.de,Ava\n`, { delimiter: "," })
    expect([error.reason, error.line]).toEqual(["BadHeader", line])
    expect(error.message).toContain(`on line ${line}`)
  })

  it("LF-2: two columns for a standard field say which to map, as data", async () => {
    const error = await faultOfText("Email,Surname,Family Name\na@b.de,x,y\n")
    expect(error.hints).toEqual([
      { kind: "map", column: 3, key: "#3", field: null },
      { kind: "map", column: 2, key: "#2", field: null }
    ])
    expect(error.message).not.toMatch(/[{}]/)
  })
})
