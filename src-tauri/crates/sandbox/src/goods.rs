//! What the demo shop, a small café with a bakery, sells, and what its buyers write.

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

const COFFEE: &[&str] = &["热", "冰", "冰 / 少冰", "热 / 少糖", "冰 / 加浓"];
const TEA: &[&str] = &["正常冰 / 七分糖", "少冰 / 三分糖", "去冰 / 无糖", "热 / 五分糖"];
const WARM: &[&str] = &["常温", "加热"];
const PLAIN: &[&str] = &[""];

/// What is drunk and eaten on the same day.
pub(crate) const ARTICLES: &[Article] = &[
    article("CF-01", "美式咖啡", COFFEE, 1_500),
    article("CF-02", "拿铁", COFFEE, 2_200),
    article("CF-03", "燕麦拿铁", COFFEE, 2_500),
    article("CF-04", "桂花拿铁", COFFEE, 2_600),
    article("CF-05", "生椰拿铁", COFFEE, 2_400),
    article("CF-06", "卡布奇诺", &["热", "热 / 少糖"], 2_200),
    article("CF-07", "手冲 埃塞俄比亚 耶加雪菲", &["热", "冰"], 3_200),
    article("CF-08", "冷萃咖啡", PLAIN, 2_300),
    article("TEA-01", "手打柠檬茶", TEA, 1_800),
    article("TEA-02", "茉莉轻乳茶", TEA, 1_900),
    article("TEA-03", "热可可", &["正常甜", "少糖"], 2_200),
    article("BR-01", "原味可颂", WARM, 1_200),
    article("BR-02", "杏仁可颂", WARM, 1_600),
    article("BR-03", "法式巧克力可颂", WARM, 1_500),
    article("BR-04", "海盐卷", WARM, 900),
    article("BR-05", "蔓越莓贝果", &["原味", "夹奶油奶酪"], 1_400),
    article("BR-06", "肉松小贝（4枚）", PLAIN, 2_200),
    article("BR-07", "全麦吐司", &["切片", "整条不切"], 1_800),
    article("BR-08", "红豆面包", WARM, 1_000),
    article("BR-09", "火腿芝士三明治", WARM, 2_400),
    article("CK-01", "巴斯克芝士蛋糕（切块）", PLAIN, 2_800),
    article("CK-02", "提拉米苏", PLAIN, 3_200),
    article("CK-03", "抹茶千层", PLAIN, 3_500),
    article("CK-04", "草莓奶油蛋糕 6寸", &["标准甜", "少糖"], 19_800),
    article("CK-05", "葡式蛋挞", WARM, 800),
];

/// What travels by parcel.
pub(crate) const PACKED: &[Article] = &[
    article("BEAN-01", "云南小粒咖啡豆 中深烘", &["250g 原豆", "250g 研磨（手冲）"], 6_800),
    article("BEAN-02", "埃塞俄比亚 耶加雪菲 浅烘咖啡豆", &["200g 原豆", "200g 研磨（手冲）"], 8_900),
    article("DRIP-01", "挂耳咖啡综合装（10包）", PLAIN, 5_800),
    article("COLD-01", "冷萃咖啡液（12颗）", PLAIN, 6_900),
    article("GIFT-01", "蛋黄酥礼盒（6枚）", PLAIN, 8_800),
    article("GIFT-02", "曲奇饼干铁盒", &["原味", "抹茶", "双拼"], 7_800),
    article("MUG-01", "手工陶瓷马克杯", &["月白", "霁蓝", "赭石"], 8_800),
    article("BAG-01", "帆布袋", &["米白", "墨绿"], 4_900),
];

/// What is sent as a code.
pub(crate) const VIRTUAL: &[Article] = &[
    article("VC-01", "咖啡月卡（30杯）", PLAIN, 39_900),
    article("VC-02", "会员储值卡 100元", PLAIN, 10_000),
];

/// Longer than any column and any paper is wide.
pub(crate) const LONG_TITLE: &str = "企业下午茶定制套餐（适合10至12人）：现磨咖啡任选12杯、原味可颂6个、葡式蛋挞12只、\
    时令水果拼盘1份、肉松小贝2盒，含一次性餐具、手提袋与到店免费布置，请至少提前一天预订";

/// The note that goes with it, longer than any line.
pub(crate) const LONG_NOTE: &str = "您好，这单是公司周年活动用的，麻烦下午两点半之前送到A座一楼大堂，前台有人接。\
    咖啡请分开装：六杯热拿铁（其中两杯燕麦奶、一杯少糖），四杯冰美式，两杯热可可给小朋友，请在杯子上写清楚。\
    可颂先不要加热，到了我们自己烤。发票抬头和税号已经发在公众号留言里了。如果路上堵车请提前打个电话，谢谢！";

pub(crate) const SURNAMES: &[&str] = &[
    "张", "王", "李", "赵", "陈", "林", "黄", "周", "吴", "徐", "孙", "马", "朱", "胡", "何", "郭", "罗",
    "梁", "宋", "郑", "谢", "唐", "沈", "欧阳", "司徒",
];

/// What people call themselves in WeChat.
pub(crate) const NICKNAMES: &[&str] = &[
    "小鹿",
    "Momo",
    "一颗柠檬",
    "老周",
    "阿May",
    "橘子汽水",
    "西湖边的猫",
    "林同学",
    "豆豆妈妈",
    "大鹏",
    "今天也要早睡",
    "Vivian",
    "南风",
    "小满",
    "不吃香菜",
    "阿杰Jay",
    "芒果布丁",
    "陈先生",
    "晚风🌙",
    "CC",
    "石头",
    "王女士",
    "奶茶三分糖",
    "Leo",
    "木子李",
    "云朵☁️",
    "张医生",
    "喵星人",
    "Sunny🌻",
    "老李",
];

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

pub(crate) const STORES: &[&str] = &["体育西店", "天河店", "大学城店"];

pub(crate) const DISCOUNTS: &[&str] = &["满减", "新客立减", "会员折扣", "优惠券", "积分抵扣"];

pub(crate) const NOTES: &[&str] = &[
    "少糖，谢谢",
    "咖啡和面包分开装",
    "十分钟后到店取",
    "麻烦快一点，赶时间",
    "不要吸管",
    "请放前台，写赵",
    "牛奶换成燕麦奶可以吗？可以补差价",
    "可颂帮忙加热一下",
    "生日蛋糕请写：祝妈妈生日快乐",
    "多给两张纸巾",
    "到了打电话，门铃坏了",
    "Please call me when you arrive",
];

pub(crate) const EMOJI_NOTES: &[&str] = &[
    "谢谢老板🙏❤️",
    "要热的☕️不要冰🧊",
    "给👧🏻买的，可爱一点🐰🎀",
    "👨‍👩‍👧‍👦四个人吃，餐具x4🥢",
    "上次的可颂太好吃了🥐",
];

/// What a buyer asks of one line.
pub(crate) const LINE_NOTES: &[&str] = &["这杯去冰", "这份不要加热", "换燕麦奶", "切成小块"];

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
    ("damaged", "杯盖没盖紧，咖啡洒了一半"),
    ("late", "等太久了，不想要了"),
    ("wrong_item", "送错了，我点的是热的"),
    ("wrong_item", "备注了燕麦奶，喝到的是普通牛奶，我乳糖不耐"),
    ("not_fresh", "可颂有点发硬，不像今天烤的😞"),
    ("missing", "少了一份海盐卷"),
    ("damaged", "蛋糕送到已经歪了，奶油蹭到盒子上"),
    ("duplicate", "手滑下了两单，退一单就好"),
    ("other", "拍错了，重新下单"),
    ("other", "临时有事来不及取了，麻烦退一下，谢谢"),
];
