//! Names of people in several scripts, each with its spelling in ASCII.

/// A name and its spelling in ASCII.
pub(super) type Name = (&'static str, &'static str);

/// The names of a region.
pub(super) struct Region {
    /// The locale, such as `de-DE`.
    pub(super) locale: &'static str,
    /// How many of a thousand people have these names.
    pub(super) weight: u64,
    pub(super) order: NameOrder,
    pub(super) given: &'static [Name],
    pub(super) family: &'static [Name],
}

/// How a full name is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum NameOrder {
    /// `Ada Lovelace`.
    GivenFirst,
    /// `佐藤 花子`.
    FamilyFirst,
    /// `王秀英`.
    FamilyFirstUnspaced,
}

/// All regions.
pub(super) const REGIONS: &[Region] =
    &[ENGLISH, SPANISH, GERMAN, POLISH, RUSSIAN, GREEK, CHINESE, JAPANESE, KOREAN, ARABIC, HINDI, THAI];

const ENGLISH: Region = Region {
    locale: "en-GB",
    weight: 340,
    order: NameOrder::GivenFirst,
    given: &[
        ("James", "james"),
        ("Mary", "mary"),
        ("John", "john"),
        ("Patricia", "patricia"),
        ("Robert", "robert"),
        ("Jennifer", "jennifer"),
        ("Michael", "michael"),
        ("Linda", "linda"),
        ("David", "david"),
        ("Anna", "anna"),
        ("Sean", "sean"),
        ("Grace", "grace"),
        ("Oliver", "oliver"),
        ("Xanthe", "xanthe"),
        ("Quentin", "quentin"),
    ],
    family: &[
        ("Smith", "smith"),
        ("Jones", "jones"),
        ("Williams", "williams"),
        ("Brown", "brown"),
        ("Taylor", "taylor"),
        ("O'Brien", "obrien"),
        ("Wilson", "wilson"),
        ("Johnson", "johnson"),
        ("Walker", "walker"),
        ("McDonald", "mcdonald"),
        ("Wright", "wright"),
        ("Harris", "harris"),
        ("Fitzgerald", "fitzgerald"),
        ("Featherstonehaugh", "featherstonehaugh"),
    ],
};

const SPANISH: Region = Region {
    locale: "es-MX",
    weight: 180,
    order: NameOrder::GivenFirst,
    given: &[
        ("María", "maria"),
        ("José", "jose"),
        ("Guadalupe", "guadalupe"),
        ("Juan", "juan"),
        ("Íñigo", "inigo"),
        ("Sofía", "sofia"),
        ("Jesús", "jesus"),
        ("Ana", "ana"),
        ("Begoña", "begona"),
        ("Ximena", "ximena"),
    ],
    family: &[
        ("García", "garcia"),
        ("Martínez", "martinez"),
        ("Hernández", "hernandez"),
        ("López", "lopez"),
        ("Muñoz", "munoz"),
        ("González", "gonzalez"),
        ("Pérez", "perez"),
        ("Rodríguez", "rodriguez"),
        ("Núñez", "nunez"),
        ("Ibáñez", "ibanez"),
    ],
};

const GERMAN: Region = Region {
    locale: "de-DE",
    weight: 110,
    order: NameOrder::GivenFirst,
    given: &[
        ("Jürgen", "juergen"),
        ("Anneliese", "anneliese"),
        ("Günther", "guenther"),
        ("Hannah", "hannah"),
        ("Lukas", "lukas"),
        ("Sören", "soeren"),
        ("Käthe", "kaethe"),
        ("Zoë", "zoe"),
        ("Björn", "bjoern"),
    ],
    family: &[
        ("Müller", "mueller"),
        ("Schmidt", "schmidt"),
        ("Weiß", "weiss"),
        ("Schneider", "schneider"),
        ("Krüger", "krueger"),
        ("Fischer", "fischer"),
        ("Jäger", "jaeger"),
        ("Großmann", "grossmann"),
    ],
};

const POLISH: Region = Region {
    locale: "pl-PL",
    weight: 60,
    order: NameOrder::GivenFirst,
    given: &[
        ("Łukasz", "lukasz"),
        ("Agnieszka", "agnieszka"),
        ("Paweł", "pawel"),
        ("Świętosława", "swietoslawa"),
        ("Jan", "jan"),
    ],
    family: &[
        ("Wójcik", "wojcik"),
        ("Kowalczyk", "kowalczyk"),
        ("Dąbrowska", "dabrowska"),
        ("Żak", "zak"),
        ("Nowak", "nowak"),
    ],
};

const RUSSIAN: Region = Region {
    locale: "ru-RU",
    weight: 80,
    order: NameOrder::GivenFirst,
    given: &[
        ("Анна", "anna"),
        ("Сергей", "sergey"),
        ("Екатерина", "ekaterina"),
        ("Дмитрий", "dmitry"),
        ("Ольга", "olga"),
        ("Пётр", "petr"),
    ],
    family: &[
        ("Иванов", "ivanov"),
        ("Кузнецова", "kuznetsova"),
        ("Соколов", "sokolov"),
        ("Щербакова", "shcherbakova"),
        ("Попов", "popov"),
    ],
};

const GREEK: Region = Region {
    locale: "el-GR",
    weight: 25,
    order: NameOrder::GivenFirst,
    given: &[("Γεώργιος", "georgios"), ("Ελένη", "eleni"), ("Νίκος", "nikos"), ("Χρυσούλα", "chrysoula")],
    family: &[("Παπαδόπουλος", "papadopoulos"), ("Οικονόμου", "oikonomou"), ("Ξένος", "xenos")],
};

const CHINESE: Region = Region {
    locale: "zh-CN",
    weight: 80,
    order: NameOrder::FamilyFirstUnspaced,
    given: &[
        ("秀英", "xiuying"),
        ("伟", "wei"),
        ("芳", "fang"),
        ("娜", "na"),
        ("建国", "jianguo"),
        ("子涵", "zihan"),
    ],
    family: &[
        ("王", "wang"),
        ("李", "li"),
        ("张", "zhang"),
        ("刘", "liu"),
        ("陈", "chen"),
        ("欧阳", "ouyang"),
    ],
};

const JAPANESE: Region = Region {
    locale: "ja-JP",
    weight: 40,
    order: NameOrder::FamilyFirst,
    given: &[("花子", "hanako"), ("太郎", "taro"), ("さくら", "sakura"), ("翔太", "shota"), ("ユキ", "yuki")],
    family: &[
        ("佐藤", "sato"),
        ("鈴木", "suzuki"),
        ("高橋", "takahashi"),
        ("田中", "tanaka"),
        ("渡辺", "watanabe"),
    ],
};

const KOREAN: Region = Region {
    locale: "ko-KR",
    weight: 25,
    order: NameOrder::FamilyFirstUnspaced,
    given: &[("민준", "minjun"), ("서연", "seoyeon"), ("지우", "jiwoo"), ("하은", "haeun")],
    family: &[("김", "kim"), ("이", "lee"), ("박", "park"), ("최", "choi")],
};

const ARABIC: Region = Region {
    locale: "ar-EG",
    weight: 30,
    order: NameOrder::GivenFirst,
    given: &[("محمد", "mohamed"), ("فاطمة", "fatima"), ("أحمد", "ahmed"), ("ليلى", "layla")],
    family: &[("حسن", "hassan"), ("علي", "ali"), ("إبراهيم", "ibrahim"), ("المصري", "elmasry")],
};

const HINDI: Region = Region {
    locale: "hi-IN",
    weight: 20,
    order: NameOrder::GivenFirst,
    given: &[("प्रिया", "priya"), ("राहुल", "rahul"), ("अनन्या", "ananya"), ("विक्रम", "vikram")],
    family: &[("शर्मा", "sharma"), ("पटेल", "patel"), ("सिंह", "singh"), ("कुमार", "kumar")],
};

const THAI: Region = Region {
    locale: "th-TH",
    weight: 10,
    order: NameOrder::GivenFirst,
    given: &[("สมชาย", "somchai"), ("มาลี", "malee"), ("นภา", "napha")],
    family: &[("สุขใจ", "sukjai"), ("ทองดี", "thongdee"), ("ศรีสุข", "srisuk")],
};
