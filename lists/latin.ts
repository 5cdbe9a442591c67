/**
 * People and companies that are written in Latin letters, with and without diacritics: apostrophes, hyphens, particles,
 * `Jr.`, a dotless i. Written by hand; any likeness to a person is chance.
 */
import { type Locale, locale } from "./locale.ts"

const english = locale({
  country: "United States",
  phone: "+1 555",
  cities: "Boston, Austin, St. Louis, Winston-Salem, Coeur d'Alene, Washington DC, Portland, Reno",
  firsts:
    "Ava, Marcus, Priya, Grace, Noah, Ella, Mary-Jane/mary-jane, D'Angelo/dangelo, Tom, Ruth, Owen, Zoë/zoe, " +
    "Chloé/chloe, Liam, Ivy, Max, Nina, Theo, Jo, Sam, Alex, Dana, Kit, Lee, Beau, Faye, Hugh, Iris, Jude, Kara",
  lasts:
    "Chen, Webb, Sharma, O'Brien/o'brien, O'Neill/oneill, Smith-Jones/smith-jones, King Jr./king, Bell III/bell, " +
    "Stone, Hale, St. John/stjohn, McAllister, de la Cruz/delacruz, Frost, Moss, Reed, Vance, Nguyen, Ng, Li, " +
    "Okafor, Adeyemi, Brontë/bronte, Marsh, Wilde, Quill, Thorne, Ashby, Penn, Drake, Lowe, Finch, Rook, Pike",
  words: "",
  forms: "%; % Inc.; % LLC; %, Inc.; % & Co.; % Ltd; 🚀 %; %™; The % Group",
  ends: ".com, .io, .co, .us, .net",
  labels: ""
})

const german = locale({
  country: "Germany",
  phone: "+49 30",
  cities: "Berlin, München, Köln, Düsseldorf, Frankfurt (Oder), Göttingen, Zürich, Graz",
  firsts:
    "Jürgen/juergen, Käthe/kaethe, Anna-Lena/anna-lena, Björn/bjoern, Uwe, Heike, Jörg/joerg, Sören/soeren, Lutz, Ute",
  lasts:
    "Müller/mueller, Größle/groessle, von der Heide/vonderheide, Weiß/weiss, Schäfer/schaefer, Böhm/boehm, Lang, " +
    "Krämer-Vogt/kraemer-vogt, Jäger/jaeger, Kühn/kuehn, Brandt, Zöllner/zoellner, Ebert, Wülfing/wuelfing",
  words: "",
  forms: "% GmbH; % AG; % GmbH & Co. KG; % e.K.; %-Werke; Gebrüder %",
  ends: ".de, .at, .ch, .com, .eu",
  labels: "müller, bücher, grün, schön, zürich, köln, öko, käse"
})

const french = locale({
  country: "France",
  phone: "+33 1",
  cities: "Paris, Lyon, Saint-Étienne, Nîmes, L'Haÿ-les-Roses, Montréal, Liège, Genève",
  firsts:
    "Renée/renee, François/francois, Anaïs/anais, Jean-Luc/jean-luc, Zélie/zelie, Benoît/benoit, Maëlle/maelle, Luc, Inès/ines, Noël/noel",
  lasts:
    "Lefèvre/lefevre, d'Aubigné/daubigne, Garçon/garcon, L'Hôpital/lhopital, Béranger/beranger, Cœur/coeur, Petit, " +
    "Le Goff/legoff, Château/chateau, Forêt/foret, Moreau, Hélias/helias, Brûlé/brule, Noir",
  words: "",
  forms: "% SARL; % S.A.; % SAS; Société %; Établissements %; L'Atelier %",
  ends: ".fr, .com, .be, .ca",
  labels: "forêt, château, crème, élan, été, hélice"
})

const spanish = locale({
  country: "Spain",
  phone: "+34 91",
  cities: "Madrid, Málaga, A Coruña, Bogotá, São Paulo, Córdoba, Cádiz, Ciudad de México",
  firsts:
    "José/jose, Íñigo/inigo, María José/mariajose, Begoña/begona, João/joao, Lucía/lucia, Andrés/andres, Nuño/nuno, Sofía/sofia, Raúl/raul",
  lasts:
    "Peña/pena, Muñoz García/munozgarcia, Núñez/nunez, Ibáñez/ibanez, Gonçalves/goncalves, Ruiz, de Souza/desouza, " +
    "Calderón/calderon, Vergüenza/verguenza, León/leon, Güell i Mas/guellimas, Otero, Añón/anon, Salas",
  words: "",
  forms: "% S.L.; % S.A.; Grupo %; % Ltda.; Hermanos %; ¡%!",
  ends: ".es, .com, .mx, .com.br",
  labels: "mañana, piñata, avión, corazón, señal"
})

const northern = locale({
  country: "Sweden",
  phone: "+46 8",
  cities: "Malmö, Århus, Tromsø, Łódź, Brno, Győr, Reykjavík, Šiauliai",
  firsts:
    "Åsa/asa, Søren/soren, Łukasz/lukasz, Zdeněk/zdenek, Gyöngyi/gyongyi, Þóra/thora, Žofie/zofie, Małgorzata/malgorzata, Bjørn/bjorn, Eglė/egle",
  lasts:
    "Ångström/angstrom, Sørensen/sorensen, Wiśniewska/wisniewska, Dvořák/dvorak, Kőrösi/korosi, Ægisson/aegisson, " +
    "Žukauskas/zukauskas, Gołąb/golab, Přibyl/pribyl, Öhman/ohman, Nygård/nygard, Szűcs/szucs, Šťastný/stastny, Lie",
  words: "",
  forms: "% AB; % A/S; % Sp. z o.o.; % s.r.o.; % Kft.; % ehf.; % Oy",
  ends: ".se, .dk, .pl, .cz, .hu, .eu",
  labels: "ångström, øre, łódź, přítel, tűzhely, þing"
})

const turkish = locale({
  country: "Türkiye",
  phone: "+90 212",
  cities: "İstanbul, Iğdır, Muğla, Şırnak, Hà Nội, Đà Nẵng, Huế, Bursa",
  firsts:
    "İpek/ipek, Işıl/isil, Çağla/cagla, Oğuz/oguz, Şule/sule, Đức/duc, Hương/huong, Nguyệt/nguyet, Ömer/omer",
  lasts:
    "Yıldız/yildiz, Öztürk/ozturk, Kılıç/kilic, Şahin/sahin, Güneş/gunes, Trần/tran, Phạm/pham, Đặng/dang, " +
    "Nguyễn Thị/nguyenthi, Çelik/celik, Ağaoğlu/agaoglu, Bùi/bui, Aydın/aydin, Ince/ince",
  words: "",
  forms: "% A.Ş.; % Ltd. Şti.; Công ty %; % Holding",
  ends: ".com.tr, .com, .vn",
  labels: "güneş, çiçek, şeker, đường"
})

/** English stands more often than the others, as it does in most lists. */
export const latinLocales: ReadonlyArray<Locale> = [
  ...Array.from({ length: 7 }, () => english),
  ...Array.from({ length: 3 }, () => german),
  ...Array.from({ length: 2 }, () => french),
  ...Array.from({ length: 2 }, () => spanish),
  northern,
  turkish
]
