/**
 * People and companies in scripts other than Latin: Cyrillic, Greek, Arabic, Hebrew, Devanagari, Thai, Chinese, Japanese,
 * Korean. Letters for addresses are a rough transcription, as mailboxes have them. Written by hand; any likeness to a
 * person is chance.
 */
import { type Locale, locale } from "./locale.ts"

export const scriptLocales: ReadonlyArray<Locale> = [
  locale({
    country: "Україна",
    phone: "+380 44",
    cities: "Київ, Львів, Москва, София, Минск, Орёл, Нови Сад, Бишкек",
    firsts:
      "Анна/anna, Олександр/oleksandr, Юлия/yulia, Ђорђе/djordje, Йордан/yordan, Мария/maria, Фёдор/fedor, Її/yi, Илья/ilya, Вера/vera",
    lasts:
      "Ковальчук/kovalchuk, Щербак/shcherbak, Соловьёв/solovyov, Петровић/petrovic, Ганчев/ganchev, Кузнецова/kuznetsova, Лис/lys, Мельник/melnyk, Салтыков-Ветров/saltykov-vetrov, Чёрная/chernaya",
    words:
      "Север/sever, Кедр/kedr, Берег/bereg, Заря/zarya, Маяк/mayak, Сокол/sokol, Роса/rosa, Вектор/vektor",
    forms: "ООО «%»; ТОВ «%»; АО «%»; % и Ко.",
    ends: ".ua, .ru, .bg, .com",
    labels: "кедр, берег, заря, маяк, сокол, роса"
  }),
  locale({
    country: "Ελλάδα",
    phone: "+30 21",
    cities: "Αθήνα, Θεσσαλονίκη, Πάτρα, Λευκωσία",
    firsts:
      "Ελένη/eleni, Γιώργος/giorgos, Σοφία/sofia, Άρης/aris, Ζωή/zoi, Θάλεια/thaleia, Νίκος/nikos, Ήρα/ira",
    lasts:
      "Παπαδάκης/papadakis, Οικονόμου/oikonomou, Χατζή/chatzi, Αλεξίου/alexiou, Μαυρίδης/mavridis, Ψαρρός/psarros, Γαλάνης/galanis, Ρήγας/rigas",
    words: "Ήλιος/ilios, Αιγαίο/aigaio, Φάρος/faros, Ελιά/elia, Κύμα/kyma, Άνεμος/anemos",
    forms: "% Α.Ε.; % ΕΠΕ; Αφοί % & Σία",
    ends: ".gr, .com.cy, .eu",
    labels: "ήλιος, φάρος, ελιά, κύμα, θάλασσα"
  }),
  locale({
    country: "الإمارات",
    phone: "+971 4",
    cities: "دبي, القاهرة, بيروت, الدار البيضاء, تهران",
    firsts:
      "ليلى/layla, عمر/omar, فاطمة/fatima, يوسف/yousef, نور/noor, خالد/khaled, مريم/maryam, عبد الله/abdullah",
    lasts:
      "الحداد/alhaddad, بن سالم/bensalem, الخطيب/alkhatib, منصور/mansour, النجار/alnajjar, حسن/hassan, پارسا/parsa, قاسم/qasim",
    words: "النخيل/nakheel, البحر/bahr, الأفق/ofoq, نسيم/naseem, المنار/manar, زهرة/zahra",
    forms: "شركة %; مؤسسة %; % ش.م.م",
    ends: ".ae, .com.eg, .com",
    labels: "نخيل, بحر, أفق, منار, نسيم, زهرة",
    mixes: false
  }),
  locale({
    country: "ישראל",
    phone: "+972 3",
    cities: "תל אביב-יפו, ירושלים, חיפה, באר שבע",
    firsts: "נועה/noa, דוד/david, שירה/shira, יונתן/yonatan, מיכל/michal, אורי/uri, תמר/tamar, ג'ק/jack",
    lasts:
      "כהן/cohen, לוי/levi, בן-דוד/ben-david, מזרחי/mizrahi, פרידמן/friedman, צ'רני/cherny, אלון/alon, שגב/sagev",
    words: "אלון/alon, גלים/galim, ארז/erez, זריחה/zricha, מגדלור/migdalor, רקיע/rakia",
    forms: '% בע"מ; קבוצת %; % ובניו',
    ends: ".co.il, .com, .io",
    labels: "אלון, גלים, ארז, זריחה, רקיע",
    mixes: false
  }),
  locale({
    country: "भारत",
    phone: "+91 22",
    cities: "मुंबई, दिल्ली, पुणे, जयपुर, काठमाण्डू",
    firsts:
      "प्रिया/priya, अर्जुन/arjun, काव्या/kavya, रोहन/rohan, मीरा/meera, विक्रम/vikram, आशा/asha, कृष्ण/krishna",
    lasts:
      "शर्मा/sharma, पटेल/patel, श्रीवास्तव/srivastava, जोशी/joshi, मेहता/mehta, क्षत्रिय/kshatriya, राव/rao, द्विवेदी/dwivedi",
    words: "सूर्य/surya, गंगा/ganga, आकाश/akash, कमल/kamal, नीलम/neelam, पर्वत/parvat",
    forms: "% प्रा. लि.; % एंड संस; श्री %",
    ends: ".in, .co.in, .com",
    labels: "सूर्य, गंगा, आकाश, कमल, पर्वत"
  }),
  locale({
    country: "ประเทศไทย",
    phone: "+66 2",
    cities: "กรุงเทพมหานคร, เชียงใหม่, ภูเก็ต, ขอนแก่น",
    firsts: "สมชาย/somchai, มาลี/malee, อรุณ/arun, นภา/napa, กิตติ/kitti, พิมพ์/pim, ธีระ/teera, น้ำฝน/namfon",
    lasts:
      "ศรีสุข/srisuk, วงศ์ใหญ่/wongyai, แก้วมณี/kaewmanee, ทองดี/thongdee, พงษ์ไพร/pongprai, จันทร์เพ็ญ/chanpen, บุญมา/boonma, สายน้ำ/sainam",
    words: "สยาม/siam, ฟ้าใส/fahsai, ดอกบัว/dokbua, ช้างขาว/changkhao, ภูผา/phupha, ทะเล/talay",
    forms: "บริษัท % จำกัด; ร้าน%; % กรุ๊ป",
    ends: ".co.th, .com, .in.th",
    labels: "สยาม, ฟ้าใส, ดอกบัว, ภูผา, ทะเล"
  }),
  locale({
    country: "中国",
    phone: "+86 21",
    cities: "上海, 北京, 深圳, 臺北, 香港",
    firsts: "伟/wei, 芳/fang, 小龙/xiaolong, 静怡/jingyi, 志明/zhiming, 雅婷/yating, 俊杰/junjie, 𠮷/ji",
    lasts: "王/wang, 李/li, 欧阳/ouyang, 陳/chen, 张/zhang, 刘/liu, 司馬/sima, 吴/wu",
    words: "晨星/chenxing, 云海/yunhai, 長河/changhe, 青松/qingsong, 銀杏/yinxing, 飞马/feima",
    forms: "%有限公司; %科技(上海)有限公司; %股份有限公司",
    ends: ".cn, .com.cn, .com.tw",
    labels: "晨星, 云海, 長河, 青松, 銀杏"
  }),
  locale({
    country: "日本",
    phone: "+81 3",
    cities: "東京, 大阪市, 札幌, 福岡県, さいたま市",
    firsts:
      "花子/hanako, 太郎/taro, さくら/sakura, 健一/kenichi, ミドリ/midori, 翔/sho, 陽菜/hina, ジョン/john",
    lasts:
      "佐藤/sato, 鈴木/suzuki, 髙橋/takahashi, 渡邊/watanabe, 山﨑/yamazaki, 小林/kobayashi, 五十嵐/igarashi, 東/azuma",
    words: "ミライ/mirai, ひかり/hikari, 青空/aozora, みなと/minato, カモメ/kamome, 若葉/wakaba",
    forms: "株式会社%; %株式会社; 有限会社%; ㈱%",
    ends: ".co.jp, .jp, .com",
    labels: "ミライ, ひかり, 青空, みなと, カモメ, 若葉"
  }),
  locale({
    country: "대한민국",
    phone: "+82 2",
    cities: "서울, 부산광역시, 인천, 제주",
    firsts:
      "지민/jimin, 서연/seoyeon, 민준/minjun, 하늘/haneul, 유진/yujin, 도윤/doyun, 수아/sua, 빛나/bitna",
    lasts: "김/kim, 이/lee, 박/park, 최/choi, 정/jung, 남궁/namgung, 황보/hwangbo, 윤/yoon",
    words: "한빛/hanbit, 푸른솔/pureunsol, 새벽/saebyeok, 은하수/eunhasu, 바다/bada, 나래/narae",
    forms: "주식회사 %; (주)%; % 그룹",
    ends: ".co.kr, .kr, .com",
    labels: "한빛, 새벽, 바다, 나래, 은하수"
  })
]
