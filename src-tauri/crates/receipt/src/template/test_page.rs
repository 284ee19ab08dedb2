//! The test page. Its rulers are longer than some paper on purpose: the longest one that stands in one row tells the
//! printer's columns.

use domain::ShopHead;

use super::head;
use super::words::{Words, money, quantity};
use crate::paper::Paper;
use crate::sheet::{Sheet, Size, Style, Weight};
use crate::text::PaperText;
use domain::Fen;

/// Characters that differ between the codes that a printer may be set to, and those whose width is easily got wrong.
/// The same on every ticket in every language: they are the measure.
const SAMPLES: [&str; 5] = [
    "简体：中文小票 谢谢惠顾",
    "繁體：臺灣龍體",
    "符号：￥×℃…—“”·①★",
    "かな カナ Привет é ü",
    "!\"#$%&'()*+,-./:;<=>?@[\\]^_`{|}~",
];

pub(super) fn lay_out(sheet: &mut Sheet, shop: &ShopHead, words: Words, paper: Paper) {
    head(sheet, shop);
    sheet.centred(&words.text("receipt.test.title"), Size::Normal, Weight::Bold, 2);
    sheet.rule();
    sheet.own(&words.text("receipt.test.ruler"), Weight::Regular);
    for columns in Paper::COLUMNS {
        sheet.ruler(columns);
    }
    let set = words.fill("receipt.test.columns", &[("columns", &paper.columns().to_string())]);
    sheet.own(&set, Weight::Regular);
    sheet.rule();
    sheet.own(&words.text("receipt.test.characters"), Weight::Regular);
    for sample in SAMPLES {
        sheet.indented(&PaperText::new(sample), Weight::Regular, 3);
    }
    sheet.rule();
    let bold = Style { weight: Weight::Bold, ..Style::default() };
    let large = Style { size: Size::Double, ..Style::default() };
    sheet.hanging(&words.text("receipt.test.bold"), bold, 2);
    sheet.hanging(&words.text("receipt.test.large"), large, 2);
    sheet.centred(&words.text("receipt.test.centred"), Size::Normal, Weight::Regular, 2);
    sheet.pair(&words.text("receipt.paid"), &money(Fen::new(123_456)), Weight::Regular);
    sheet.item(&words.text("receipt.goods"), &quantity(2), &money(Fen::new(3_600)), 2);
    sheet.rule();
}
