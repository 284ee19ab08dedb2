/** What the shop sells: title, how it is made, price in fen. */
export type Good = { title: string; specs: readonly (string | null)[]; priceFen: number };

export const goods: readonly Good[] = [
  { title: "拿铁", specs: ["热 / 中杯", "冰 / 大杯 / 少冰", "热 / 大杯 / 燕麦奶"], priceFen: 2600 },
  { title: "冰美式", specs: ["中杯", "大杯 / 去冰", "大杯 / 加一份浓缩"], priceFen: 1800 },
  { title: "手冲咖啡 · 埃塞俄比亚 耶加雪菲", specs: ["热", "冰"], priceFen: 3800 },
  { title: "燕麦拿铁", specs: ["热 / 中杯", "冰 / 中杯 / 半糖"], priceFen: 3000 },
  { title: "桂花酒酿拿铁", specs: ["热 / 中杯 / 少糖"], priceFen: 3200 },
  { title: "可颂", specs: [null], priceFen: 1500 },
  { title: "海盐卷", specs: [null, "两个装"], priceFen: 1200 },
  { title: "全麦吐司", specs: ["整条", "切片"], priceFen: 2200 },
  { title: "肉松小贝", specs: ["四个装"], priceFen: 2400 },
  { title: "提拉米苏", specs: ["单人份"], priceFen: 3600 },
  { title: "抹茶千层", specs: ["单人份", "六寸"], priceFen: 4200 },
  { title: "巴斯克芝士蛋糕", specs: ["六寸 / 含餐具 5 份"], priceFen: 12800 },
  { title: "挂耳咖啡礼盒", specs: ["十包装"], priceFen: 9800 },
];

/** The title that no column is wide enough for. */
export const longGood: Good = {
  title: "中秋限定联名款 · 流心奶黄月饼与冷萃咖啡液组合礼盒（含手提袋、贺卡、保鲜冰袋，可代写祝福语）",
  specs: ["豪华装 / 八枚月饼 + 六瓶冷萃 / 贺卡代写「祝外公外婆中秋快乐、身体健康、天天开心」"],
  priceFen: 29900,
};

export const buyers: readonly (string | null)[] = [
  "王女士",
  "李先生",
  "陈晓雨",
  "欧阳明月",
  "🍵茶茶不吃辣",
  "Amélie",
  "张*",
  "刘小川",
  "赵老师",
  "吴桐",
  null,
];

export const longBuyer = "住在三单元十七楼喜欢拿铁不加糖的那位王女士（老顾客）";

export const notes: readonly string[] = [
  "少冰，谢谢",
  "到了打电话，别敲门，孩子在睡觉",
  "不要吸管",
  "可颂请加热",
  "开发票：上海晴川文化传播有限公司，税号 91310115MA1K4XXXXX，发到 caiwu@example.com",
];

export const refundReasons: readonly (string | null)[] = [
  "点错了，想换成冰的",
  "等太久了，不要了",
  "少送了一个可颂",
  "咖啡洒了一半",
  "重复下单",
  null,
];

export const longReason =
  "收到的时候礼盒外面的袋子是破的，里面有两枚月饼压碎了，冰袋也化了，打电话问说是路上颠的。我是送长辈的，这样没法送，希望能退掉碎的两枚和手提袋的钱，其他的留下。照片已经发给客服了，麻烦尽快处理，谢谢。";

export const addresses: readonly { name: string; phone: string; address: string }[] = [
  { name: "陈晓雨", phone: "13812345678", address: "上海市徐汇区衡山路 811 弄 6 号 302 室" },
  { name: "刘小川", phone: "13987654321", address: "上海市静安区南京西路 1788 号 1788 国际中心 23 楼前台" },
  {
    name: "欧阳明月",
    phone: "18600001111",
    address:
      "上海市浦东新区世纪大道 100 号上海环球金融中心观光厅旁边写字楼东侧货梯上 47 楼出电梯左转走到底第二家，门口有一只橘猫",
  },
];
