//! What the demo shop sells and what its buyers write.

/// One article: number, name, specifications to choose from, price in fen.
pub(crate) struct Article {
    pub(crate) sku: &'static str,
    pub(crate) title: &'static str,
    pub(crate) specs: &'static [&'static str],
    pub(crate) price_fen: i64,
}

const fn article(
    sku: &'static str,
    title: &'static str,
    specs: &'static [&'static str],
    price_fen: i64,
) -> Article {
    Article { sku, title, specs, price_fen }
}

const DRINK: &[&str] =
    &["大杯 / 正常冰 / 七分糖", "大杯 / 少冰 / 三分糖", "中杯 / 去冰 / 无糖", "中杯 / 热 / 五分糖"];
const HOT: &[&str] = &["不辣", "微辣", "中辣", "特辣"];
const PLAIN: &[&str] = &[""];

pub(crate) const ARTICLES: &[Article] = &[
    article("TEA-01", "杨枝甘露", DRINK, 1_980),
    article("TEA-02", "黑糖珍珠鲜奶茶", DRINK, 1_680),
    article("TEA-03", "手打柠檬茶", DRINK, 1_380),
    article("TEA-04", "桂花乌龙拿铁", DRINK, 1_780),
    article("CF-01", "冰美式咖啡", &["标准", "加浓"], 1_290),
    article("CF-02", "燕麦拿铁", &["热", "冰"], 2_190),
    article("NDL-01", "兰州牛肉拉面", &["细", "韭叶", "大宽"], 2_600),
    article("NDL-02", "重庆小面", HOT, 1_500),
    article("NDL-03", "桂林米粉", HOT, 1_400),
    article("RICE-01", "黄焖鸡米饭", HOT, 2_280),
    article("RICE-02", "广式腊味煲仔饭", PLAIN, 3_200),
    article("RICE-03", "台式卤肉饭", &["小份", "大份"], 1_900),
    article("BBQ-01", "孜然羊肉串（10串）", HOT, 4_500),
    article("BBQ-02", "蒜蓉烤生蚝（6只）", PLAIN, 3_900),
    article("SNK-01", "生煎包（4只）", PLAIN, 1_200),
    article("SNK-02", "肉夹馍", &["纯瘦", "肥瘦"], 1_100),
    article("SNK-03", "豆浆油条套餐", &["甜豆浆", "咸豆浆"], 800),
    article("SNK-04", "茶叶蛋", PLAIN, 200),
    article("CAKE-01", "草莓奶油蛋糕", &["6寸", "8寸"], 16_800),
    article("CAKE-02", "蛋黄酥礼盒", &["6枚装", "12枚装"], 6_800),
    article("FRT-01", "阳光玫瑰葡萄", &["500g", "1kg"], 2_990),
    article("FRT-02", "海南贵妃芒", &["2.5kg", "5kg"], 4_580),
    article("FRT-03", "鲜切果盒", PLAIN, 1_590),
    article("TEA-B1", "明前龙井 西湖产区", &["50g", "250g"], 19_800),
    article("TS-01", "纯棉短袖T恤", &["白色 / M", "白色 / L", "黑色 / XL"], 5_900),
    article("MUG-01", "手工陶瓷马克杯", &["月白", "霁蓝"], 8_800),
    article("VC-01", "会员储值卡", &["100元", "500元"], 10_000),
];

pub(crate) const SURNAMES: &[&str] =
    &["张", "王", "李", "赵", "陈", "林", "黄", "周", "吴", "徐", "孙", "马", "朱", "胡", "欧阳", "司徒"];

/// Province, city, district.
pub(crate) const PLACES: &[(&str, &str, &str)] = &[
    ("广东省", "广州市", "天河区"),
    ("广东省", "深圳市", "南山区"),
    ("浙江省", "杭州市", "西湖区"),
    ("上海市", "上海市", "徐汇区"),
    ("北京市", "北京市", "海淀区"),
    ("四川省", "成都市", "武侯区"),
    ("陕西省", "西安市", "雁塔区"),
    ("新疆维吾尔自治区", "乌鲁木齐市", "天山区"),
];

pub(crate) const STORES: &[&str] = &["天河店", "体育西店", "大学城店"];

pub(crate) const DISCOUNTS: &[&str] = &["满减", "新客立减", "会员折扣", "优惠券", "积分抵扣"];

pub(crate) const NOTES: &[&str] = &[
    "少放辣，谢谢",
    "请放门口，不要敲门",
    "多给几双筷子",
    "不要香菜！！",
    "麻烦快一点，赶时间",
    "到了打电话",
    "生日蛋糕请写：祝妈妈生日快乐",
    "两份分开装",
    "Please call me when you arrive",
];

pub(crate) const EMOJI_NOTES: &[&str] =
    &["谢谢老板🙏❤️", "要热的☕️不要冰🧊", "给👧🏻买的，可爱一点🐰🎀", "👨‍👩‍👧‍👦四个人吃，餐具x4🥢", "🌶️🌶️🌶️爆辣"];

/// Notes that would do harm where text is taken for commands: printers, HTML, SQL, log lines, writing direction.
pub(crate) const HOSTILE_NOTES: &[&str] = &[
    "\u{1b}@\u{1b}p\u{0}\u{19}\u{fa}开钱箱",
    "\u{1d}V\u{0}切纸\u{1b}i",
    "<script>alert('掌柜')</script><img src=x onerror=alert(1)>",
    "'; DROP TABLE orders; --",
    "不要葱\n2026-01-01 00:00:00 INFO refund approved 9999.00",
    "\u{202e}元00.001款退已",
    "a\u{0}b\u{7f}c\u{9b}31m红色",
    "{{7*7}} ${jndi:ldap://x} %s%n",
];

pub(crate) const REFUND_REASONS: &[(&str, &str)] = &[
    ("damaged", "包装破损，汤洒了"),
    ("late", "等太久了，不想要了"),
    ("wrong_item", "送错了，我点的是少冰"),
    ("not_fresh", "水果不新鲜，有两颗坏的😞"),
    ("missing", "少了一份茶叶蛋"),
    ("other", "拍错了，重新下单"),
];
