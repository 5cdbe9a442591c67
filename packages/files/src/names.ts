/**
 * The names of the standard fields in the headers of other products, by language (LF-2). A name is
 * written without case, spaces and punctuation, as `plain` gives it. The first list of a field has
 * its own names, the second the usual others, the third names that count only where there is none
 * of the others.
 */

/** The fields that every lead has, its address among them. */
export type StandardName = "email" | "firstName" | "lastName" | "company" | "jobTitle"

type Ranked = Readonly<Partial<Record<StandardName, ReadonlyArray<string>>>>

const english: Ranked = {
  email: [
    "email emailaddress",
    `workemail workemailaddress businessemail businessemailaddress professionalemail corporateemail primaryemail
     primaryemailaddress contactemail contactemailaddress leademail personemail email1 email1value emailid mail`
  ],
  firstName: ["firstname", "givenname forename fname first contactfirstname leadfirstname personfirstname"],
  lastName: ["lastname", "surname familyname lname last contactlastname leadlastname personlastname"],
  company: [
    "company companyname",
    `organization organisation organizationname organisationname accountname companyaccount employer businessname
     companyorganization currentcompany organization1name contactcompany`,
    "associatedcompany associatedcompanyname primarycompany primaryassociatedcompany"
  ],
  jobTitle: [
    "jobtitle",
    `title position role jobposition jobrole currenttitle currentposition currentjobtitle organization1title organizationtitle
     contactjobtitle persontitle designation occupation`
  ]
}

const german: Ranked = {
  email: ["", "emailadresse mailadresse", "geschäftlicheemail geschäftlicheemailadresse emailgeschäftlich"],
  firstName: ["", "vorname"],
  lastName: ["", "nachname familienname", "zuname"],
  company: ["", "firma firmenname unternehmen unternehmensname", "arbeitgeber"],
  jobTitle: ["", "jobtitel berufsbezeichnung stellenbezeichnung positionsbezeichnung", "funktion beruf"]
}

const french: Ranked = {
  email: [
    "",
    `adresseemail adressemail courriel adressecourriel adressedemessagerie adresseélectronique adresseelectronique
     courrierélectronique courrierelectronique`,
    "emailprofessionnel emailpro messagerie"
  ],
  firstName: ["", "prénom prenom"],
  lastName: ["", "nomdefamille patronyme"],
  company: [
    "",
    "société societe entreprise nomdelentreprise nomdelasociété nomdelasociete nomsociété raisonsociale",
    "employeur"
  ],
  jobTitle: ["", "intituléduposte intituleduposte titreduposte poste fonction", "titre profession métier"]
}

const italian: Ranked = {
  email: ["", "indirizzoemail indirizzomail indirizzodipostaelettronica postaelettronica", "emailaziendale"],
  lastName: ["", "cognome"],
  company: [
    "",
    "azienda nomeazienda società societa ragionesociale nomedellazienda",
    "impresa datoredilavoro"
  ],
  jobTitle: ["", "qualifica posizione ruolo titoloprofessionale posizionelavorativa", "mansione professione"]
}

const spanish: Ranked = {
  email: [
    "",
    `correo correoelectrónico correoelectronico direccióndecorreoelectrónico direcciondecorreoelectronico direccióndecorreo
     direcciondecorreo`,
    "correodeltrabajo correocorporativo correoprofesional emailcorporativo"
  ],
  firstName: ["", "nombredepila primernombre"],
  lastName: ["", "apellidos apellido", "primerapellido"],
  company: [
    "",
    "empresa compañía compañia compania nombredelaempresa nombredeempresa",
    "organización organizacion"
  ],
  jobTitle: ["", "cargo puesto puestodetrabajo", "títulodeltrabajo posición profesión"]
}

const portuguese: Ranked = {
  email: [
    "",
    `endereçodeemail enderecodeemail correioeletrônico correioeletrónico correioeletronico correioelectrónico
     endereçodecorreioeletrónico`,
    "emailprofissional emailcomercial"
  ],
  firstName: ["", "primeironome nomepróprio nomeproprio"],
  lastName: ["", "sobrenome últimonome ultimonome nomedefamília"],
  company: ["", "nomedaempresa companhia", "organização organizacao"],
  jobTitle: ["", "função funcao", "posição profissão títuloprofissional"]
}

const dutch: Ranked = {
  email: ["", "emailadres mailadres", "zakelijkemail zakelijkemailadres"],
  firstName: ["", "voornaam"],
  lastName: ["", "achternaam familienaam"],
  company: ["", "bedrijf bedrijfsnaam", "organisatie organisatienaam werkgever onderneming"],
  jobTitle: ["", "functie functietitel functienaam functieomschrijving", "beroep"]
}

const polish: Ranked = {
  email: ["", "adresemail adresmailowy adrespocztyelektronicznej pocztaelektroniczna", "emailsłużbowy"],
  firstName: ["", "imię imie"],
  lastName: ["", "nazwisko"],
  company: ["", "nazwafirmy przedsiębiorstwo", "organizacja pracodawca"],
  jobTitle: ["", "stanowisko stanowiskopracy", "tytułzawodowy zawód"]
}

const japanese: Ranked = {
  email: ["", "メールアドレス eメールアドレス 電子メールアドレス eメール 電子メール", "メール"],
  firstName: ["", "ファーストネーム 下の名前"],
  lastName: ["", "姓 苗字 ラストネーム"],
  company: ["", "会社名 会社 企業名", "勤務先 組織名 組織 法人名"],
  jobTitle: ["", "役職 役職名 肩書き 肩書", "職位 職種"]
}

const chinese: Ranked = {
  email: [
    "",
    "电子邮件 电子邮箱 电子邮件地址 邮箱 邮箱地址 電子郵件 電子信箱 電子郵件地址 電郵地址",
    "邮件 电邮 電郵 信箱 郵箱 工作邮箱"
  ],
  lastName: ["", "姓氏"],
  company: ["", "公司 公司名称 公司名稱 企业名称 企業名稱", "企业 单位 单位名称 組織 组织"],
  jobTitle: ["", "职位 職稱 职务 職務", "职称 头衔 頭銜 岗位"]
}

/** The names of each field by strength, strongest first. */
export const namesByRank: ReadonlyArray<Ranked> = [
  english,
  german,
  french,
  italian,
  spanish,
  portuguese,
  dutch,
  polish,
  japanese,
  chinese
]

/**
 * A name that means a field only beside certain other names. Alone it means something else, such as
 * a full name.
 */
export interface NameBeside {
  readonly name: string
  readonly field: StandardName
  readonly beside: ReadonlyArray<string>
}

const apart = (text: string): ReadonlyArray<string> => text.split(" ")

export const namesBeside: ReadonlyArray<NameBeside> = [
  { name: "name", field: "lastName", beside: apart("vorname") },
  { name: "nom", field: "lastName", beside: apart("prénom prenom") },
  { name: "naam", field: "lastName", beside: apart("voornaam") },
  { name: "nombre", field: "firstName", beside: apart("apellidos apellido primerapellido") },
  { name: "nombres", field: "firstName", beside: apart("apellidos apellido") },
  { name: "nome", field: "firstName", beside: apart("cognome sobrenome apelido últimonome ultimonome") },
  { name: "apelido", field: "lastName", beside: apart("nomepróprio nomeproprio primeironome") },
  { name: "名", field: "firstName", beside: apart("姓 姓氏 名字 苗字") },
  { name: "名字", field: "firstName", beside: apart("姓 姓氏") },
  { name: "名字", field: "lastName", beside: apart("名") }
]

/** Names of a column that holds first and last name together. */
export const fullNames: ReadonlySet<string> = new Set(
  `fullname name contactname leadname personname contactfullname vollständigername vorundnachname nom nomcomplet
   nomeprénom prénomnom prénometnom nominativo nome nomecompleto nomecognome nomeecognome nombre nombrecompleto
   nombreyapellidos naam volledigenaam imięinazwisko imieinazwisko 氏名 名前 お名前 フルネーム 姓名`.split(
    /\s+/
  )
)
