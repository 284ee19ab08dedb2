use proptest::prelude::*;

use super::*;
use crate::rendered::Rendered;
use crate::sample;
use crate::sheet::{self, Line, Weight};
use crate::text::PaperText;
use crate::text::charset::{self, Code};
use crate::{Cutter, Marks, Refund, Template, Ticket, render};

const PLAIN: Look = Look { bold: false, underline: false, inverse: false, wide: 1, tall: 1, font: Font::A };

fn rows(bytes: &[u8]) -> Vec<Row> {
    read(bytes, Paper::mm58()).into_iter().flat_map(|slip| slip.rows).collect()
}

fn span(text: &str, look: Look) -> Span {
    let columns = text.chars().map(|character| if character.is_ascii() { 1 } else { 2 }).sum();
    Span { text: text.to_owned(), look, columns }
}

fn line_of(align: Align, spans: Vec<Span>) -> Row {
    Row::Text { align, spans }
}

fn plain(text: &str) -> Row {
    line_of(Align::Left, vec![span(text, PLAIN)])
}

#[test]
fn a_ticket_reads_as_it_was_meant() {
    let bytes = b"\x1b@\x1c&\x1ba\x01\x1d!\x11\x1bE\x01\xb2\xe2\xca\xd4\n\x1ba\x00\x1d!\x00\x1bE\x00a\n\n\x1bd\x03\x1dVB\x00";
    let large = Look { bold: true, wide: 2, tall: 2, ..PLAIN };
    let expected = Slip {
        offset: 0,
        width_dots: 384,
        columns: 32,
        rows: vec![
            line_of(Align::Centre, vec![span("测试", large)]),
            plain("a"),
            Row::Feed { dots: 4 * LINE_DOTS },
        ],
        end: End::Cut(Knife::Partial),
    };
    assert_eq!(read(bytes, Paper::mm58()), [expected]);
}

#[test]
fn every_look_is_seen() {
    let looks: [(&[u8], Look); 11] = [
        (b"\x1bE\x01", Look { bold: true, ..PLAIN }),
        (b"\x1bG\x01", Look { bold: true, ..PLAIN }),
        (b"\x1b-\x02", Look { underline: true, ..PLAIN }),
        (b"\x1dB\x01", Look { inverse: true, ..PLAIN }),
        (b"\x1d!\x00", PLAIN),
        (b"\x1d!\x27", Look { wide: 3, tall: 8, ..PLAIN }),
        (b"\x1b!\xb8", Look { bold: true, underline: true, wide: 2, tall: 2, ..PLAIN }),
        (b"\x1b!\x01", Look { font: Font::B, ..PLAIN }),
        (b"\x1bM1", Look { font: Font::B, ..PLAIN }),
        (b"\x1c-\x01\x1c!\x0c", PLAIN),
        (b"\x1dB\x01\x1b@", PLAIN),
    ];
    for (command, look) in looks {
        let bytes = [b"\x1b@", command, b"x\n"].concat();
        assert_eq!(rows(&bytes), [line_of(Align::Left, vec![span("x", look)])], "{command:02x?}");
    }
}

#[test]
fn chinese_has_its_own_size_and_line_and_no_font_b() {
    let wide = Look { underline: true, wide: 2, tall: 2, ..PLAIN };
    let of_chinese = rows(b"\x1c-\x01\x1cW\x01a\xb2\xe2\n");
    assert_eq!(of_chinese, [line_of(Align::Left, vec![span("a", PLAIN), span("测", wide)])]);
    let small = Look { font: Font::B, ..PLAIN };
    let mixed = rows(b"\x1bM\x01a\xb2\xe2b\n");
    let pieces = vec![span("a", small), span("测", PLAIN), span("b", small)];
    assert_eq!(pieces.iter().map(Span::width_dots).sum::<u32>(), 9 + 24 + 9);
    assert_eq!(mixed, [line_of(Align::Left, pieces)]);
}

#[test]
fn a_full_line_goes_on_in_the_next_one() {
    let digits = b"0123456789".repeat(4);
    let text = [b"\x1ba\x02".as_slice(), &digits, b"\n"].concat();
    let right = |text: &str| line_of(Align::Right, vec![span(text, PLAIN)]);
    assert_eq!(rows(&text), [right("01234567890123456789012345678901"), right("23456789")]);
    let full = [&digits[..32], b"\n"].concat();
    assert_eq!(rows(&full), [plain("01234567890123456789012345678901")], "no empty line behind it");
    // A character that does not fit goes whole.
    let chinese = [&digits[..31], b"\xb2\xe2\n"].concat();
    assert_eq!(rows(&chinese), [plain("0123456789012345678901234567890"), plain("测")]);
}

#[test]
fn text_that_is_not_ended_is_not_printed() {
    assert_eq!(rows(b"lost"), []);
    assert_eq!(rows(b"lost\x1b@kept\n"), [plain("kept")]);
    assert_eq!(rows(b"kept\x1bJ\x40"), [plain("kept"), Row::Feed { dots: 34 }]);
    assert_eq!(rows(b"kept\x1bd\x02"), [plain("kept"), Row::Feed { dots: 30 }]);
}

#[test]
fn a_lone_lead_byte_swallows_what_follows() {
    assert_eq!(rows(b"a\xb2\nb\n"), [plain("a□b")]);
    assert_eq!(rows(b"\xb2\x1b@b\n"), [plain("□@b")]);
    // Four bytes of GB 18030: an emoji.
    assert_eq!(rows(b"\x94\x39\xda\x33\n"), [plain("□□")]);
    assert_eq!(rows(b"ok\n\xb2"), [plain("ok")]);
}

#[test]
fn a_code_page_counts_outside_double_byte_mode() {
    let narrow = |text: &str| {
        let columns = u32::try_from(text.chars().count()).unwrap();
        line_of(Align::Left, vec![Span { text: text.to_owned(), look: PLAIN, columns }])
    };
    assert_eq!(rows(b"\x1c.\x1bt\x00\x82\x9b\n"), [narrow("é¢")]);
    assert_eq!(rows(b"\x1c.\x1bt\x11\x8f\xe0\n"), [narrow("Пр")]);
    assert_eq!(rows(b"\x1c.\x82\n\x1c&\xb2\xe2\n"), [narrow("é"), plain("测")]);
}

#[test]
fn what_begins_a_line_is_passed_over_in_the_middle_of_one() {
    let raster = b"\x1dv0\x00\x01\x00\x01\x00\xff";
    for command in [b"\x1ba\x01".as_slice(), b"\x1dV\x00", raster, b"\x1d(k\x03\x00\x31\x51\x30"] {
        let bytes = [b"a", command, b"b\nc\n"].concat();
        assert_eq!(rows(&bytes), [plain("ab"), plain("c")], "{command:02x?}");
    }
    assert_eq!(rows(b"a\x1dk\x04AB\x00b\n"), [plain("aABb")], "the content of a bar code becomes text");
}

#[test]
fn a_command_that_nobody_knows_loses_two_bytes() {
    assert_eq!(rows(b"\x1b\x7fa\x1f\x00\x0db\x1dZc\x1cZd\n"), [plain("abcd")]);
}

#[test]
fn tabs_go_to_the_next_stop() {
    let text = |bytes| read(bytes, Paper::mm58()).iter().map(text_of).collect::<String>();
    assert_eq!(text(b"a\tb\n"), "a       b\n");
    assert_eq!(text(b"\x1bD\x03\x05\x00a\tb\tc\td\n"), "a  b cd\n", "behind the last stop there is none");
    assert_eq!(text(b"\x1bD\x05\x05\n"), "\n", "a stop that does not ascend is a byte of its own");
    assert_eq!(text(b"\x1bD\x05A\x04\ta\n"), "     a\n");
}

#[test]
fn feeds_add_up_and_follow_the_spacing() {
    assert_eq!(rows(b"\n\n\x1bd\x02\x1bJ\x05"), [Row::Feed { dots: 4 * LINE_DOTS + 5 }]);
    assert_eq!(rows(b"\x1b3\x50\n\x1b2\n"), [Row::Feed { dots: 0x50 + LINE_DOTS }]);
    assert_eq!(rows(b"\x1b3\x50a\n"), [plain("a"), Row::Feed { dots: 0x50 - LINE_DOTS }]);
    assert_eq!(rows(b"\x1bd\x00\x1bJ\x00"), []);
}

#[test]
fn slices_of_a_picture_become_one() {
    let slice = b"\x1dv0\x00\x02\x00\x01\x00\xf0\x0f";
    let twice = [slice.as_slice(), slice].concat();
    let [Row::Picture { align: Align::Left, picture }] = &rows(&twice)[..] else { panic!("one picture") };
    assert_eq!((picture.width_dots(), picture.height_dots()), (16, 2));
    assert!(picture.is_black(3, 1) && !picture.is_black(4, 1) && picture.is_black(12, 0));
    let apart =
        [slice.as_slice(), b"\n", slice, b"\x1ba\x01", slice, b"\x1dv0\x03\x02\x00\x01\x00\xf0\x0f"].concat();
    assert_eq!(rows(&apart).len(), 5);
    // Cut off, it still has the rows that came.
    let begun = [b"\x1dv0\x00\x02\x00\xff\x00".as_slice(), &[0xAA; 9]].concat();
    let [Row::Picture { picture, .. }] = &rows(&begun)[..] else { panic!("one picture") };
    assert_eq!(picture.height_dots(), 4);
}

#[test]
fn codes_are_drawn_from_their_content() {
    let qr = b"\x1d(k\x04\x001A2\x00\x1d(k\x03\x001C\x06\x1d(k\x03\x001E1\x1d(k\x0a\x001P0wxp://x\x1d(k\x03\x001Q0";
    let [Row::Qr { align: Align::Left, code }] = &rows(qr)[..] else { panic!("one code") };
    assert_eq!((&*code.content, code.level, code.module_dots), (b"wxp://x".as_slice(), QrLevel::M, 6));
    assert_eq!(code.modules().map(|modules| modules.side()), Some(21));
    let again = [qr, b"\x1d(k\x03\x001Q0".as_slice()].concat();
    let [Row::Qr { code: first, .. }, Row::Qr { code: second, .. }] = &rows(&again)[..] else {
        panic!("two")
    };
    assert!(std::sync::Arc::ptr_eq(&first.content, &second.content));
    assert_eq!(rows(b"\x1d(k\x04\x001A1\x00\x1d(k\x03\x001Q0"), [], "model 1, which phones do not read");

    let barcode = b"\x1dh\x40\x1dw\x02\x1dH\x02\x1dk\x49\x09{B3705115\x1dk\x02690123456789\x00";
    let [Row::Barcode { code, .. }, Row::Barcode { code: ean, .. }] = &rows(barcode)[..] else {
        panic!("two")
    };
    assert_eq!((code.symbology, code.height_dots, code.module_dots), (Symbology::Code128, 64, 2));
    assert_eq!((code.label, code.text().as_str()), (Label::Below, "3705115"));
    assert_eq!(ean.bars().map(|bars| bars.len()), Some(95));
}

#[test]
fn cuts_and_jobs_part_slips() {
    let bytes = b"\x1b@a\n\x1dV\x00\x1dV\x00\x1b@b\n\x1b@\x1bp\x00\x19\xfac\n\x1bm\x1bp\x01\x01\x01";
    let slips = read(bytes, Paper::mm80());
    let shape = |slip: &Slip| (slip.offset, slip.end);
    let expected = [(0, End::Cut(Knife::Full)), (10, End::Torn), (14, End::Cut(Knife::Partial))];
    assert_eq!(slips.iter().map(shape).collect::<Vec<_>>(), expected);
    assert_eq!(slips[2].rows, [Row::Drawer { pin: Pin::Two }, plain("c")]);
    assert_eq!((slips[2].width_dots, slips[2].columns), (576, 48));
    assert_eq!(read(b"a\n\x1dVA\x10", Paper::mm58())[0].rows, [plain("a"), Row::Feed { dots: 16 }]);
    assert_eq!(read(b"a\n", Paper::mm58())[0].end, End::Hanging);
}

/// Each command of the vectors, well or badly known, is as long as it is: the text behind it stays whole.
#[test]
fn commands_of_the_vectors_end_where_they_end() {
    let path = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("../../../tests/vectors/escpos.json");
    let vectors: serde_json::Value = serde_json::from_str(&std::fs::read_to_string(path).unwrap()).unwrap();
    let commands = vectors["commands"].as_array().unwrap();
    assert!(commands.len() > 50);
    for case in commands {
        let hex: String = case["hex"].as_str().unwrap().split_whitespace().collect();
        let byte = |at: usize| u8::from_str_radix(&hex[at..at + 2], 16).unwrap();
        let command: Vec<u8> = (0..hex.len()).step_by(2).map(byte).collect();
        let bytes = [b"\x1b@first\n", command.as_slice(), b"\n\x1b@last\n"].concat();
        let rows = rows(&bytes);
        assert_eq!((rows.first(), rows.last()), (Some(&plain("first")), Some(&plain("last"))), "{case}");
        // Cut off anywhere, it does no harm.
        for end in 0..bytes.len() {
            read(&bytes[..end], Paper::mm58());
        }
    }
}

/// What a sheet's lines look like on paper, and so many lines of blank paper below them.
fn expected_rows(rendered: &Rendered, lines_fed: usize) -> Vec<Row> {
    let columns = usize::from(rendered.paper().columns());
    let pieces = |line| printed_pieces(line, columns).into_iter().map(move |piece| (line, piece));
    let mut rows: Vec<Row> = Vec::new();
    for (line, piece) in rendered.sheet().lines().iter().flat_map(pieces) {
        if piece.is_empty() {
            expect_feed(&mut rows, 1);
        } else {
            rows.push(expected_row(line, piece));
        }
    }
    expect_feed(&mut rows, lines_fed);
    rows
}

fn expect_feed(rows: &mut Vec<Row>, lines: usize) {
    let more = u32::try_from(lines).unwrap() * LINE_DOTS;
    match rows.last_mut() {
        Some(Row::Feed { dots }) => *dots += more,
        _ => rows.push(Row::Feed { dots: more }),
    }
}

fn expected_row(line: &Line, text: String) -> Row {
    let factor = line.style.size.factor();
    let look = Look { bold: line.style.weight == Weight::Bold, wide: factor, tall: factor, ..PLAIN };
    let cells = |character| charset::code(character).map_or(0, Code::columns);
    let columns = u32::try_from(text.chars().map(cells).sum::<usize>()).unwrap();
    let align = match line.style.align {
        sheet::Align::Left => Align::Left,
        sheet::Align::Centre => Align::Centre,
    };
    line_of(align, vec![Span { text, look, columns }])
}

/// The line, or what the printer makes of a ruler that is longer than the paper.
fn printed_pieces(line: &Line, columns: usize) -> Vec<String> {
    let text = line.text.as_str();
    let width = line.text.columns() * usize::from(line.style.size.factor());
    if width <= columns {
        return vec![text.to_owned()];
    }
    assert!(text.is_ascii() && line.style.size.factor() == 1, "only rulers are too long: {text}");
    text.as_bytes().chunks(columns).map(|piece| String::from_utf8(piece.to_vec()).unwrap()).collect()
}

/// What the rows say, as [`Rendered::text`] writes it.
fn text_of(slip: &Slip) -> String {
    let mut text = String::new();
    for row in &slip.rows {
        match row {
            Row::Text { align, spans } => {
                let dots: u32 = spans.iter().map(Span::width_dots).sum();
                let left = match align {
                    Align::Left => 0,
                    Align::Centre => (slip.width_dots - dots) / 12 / 2,
                    Align::Right => (slip.width_dots - dots) / 12,
                };
                text.extend(std::iter::repeat_n(' ', left as usize));
                text.extend(spans.iter().map(|span| span.text.as_str()));
                text.push('\n');
            }
            Row::Feed { dots } => text.extend(std::iter::repeat_n('\n', (dots / LINE_DOTS) as usize)),
            row => panic!("no template prints {row:?}"),
        }
    }
    text
}

fn assert_reads_back(rendered: &Rendered) {
    let bytes = rendered.escpos();
    let slips = read(&bytes, rendered.paper());
    let [slip] = &slips[..] else { panic!("one ticket is one slip, not {slips:?}") };
    let lines_fed = if rendered.paper().cutter() == Cutter::None { 5 } else { 3 };
    assert_eq!(slip.rows, expected_rows(rendered, lines_fed));
    let end = match rendered.paper().cutter() {
        Cutter::None => End::Hanging,
        Cutter::Partial => End::Cut(Knife::Partial),
        Cutter::Full => End::Cut(Knife::Full),
    };
    assert_eq!(slip.end, end);
}

#[test]
fn paper_says_what_the_screen_says() {
    for variant in sample::variants().into_iter().filter(|variant| variant.0 != Template::Test) {
        let rendered = sample::marked(&sample::order(), variant);
        let slips = read(&rendered.escpos(), rendered.paper());
        assert_eq!(text_of(&slips[0]).trim_end(), rendered.text().trim_end());
    }
}

/// Pieces of commands with parameters that may be wrong, so that every path is taken.
fn hostile() -> impl Strategy<Value = Vec<u8>> {
    let heads: &[&[u8]] = &[
        b"\x1b@",
        b"\x1c&",
        b"\x1c.",
        b"\x1b!",
        b"\x1d!",
        b"\x1ba",
        b"\x1bD",
        b"\x1bd",
        b"\x1bJ",
        b"\x1b3",
        b"\x1b&",
        b"\x1b*",
        b"\x1b(",
        b"\x1bp",
        b"\x1bt",
        b"\x1dV",
        b"\x1dv0",
        b"\x1dv0\x00\x01\x00\x02\x00",
        b"\x1dk",
        b"\x1dk\x49",
        b"\x1dk\x04A\x00",
        b"\x1d(k",
        b"\x1d(k\x03\x001Q0",
        b"\x1d(k\x05\x001P0",
        b"\x1d(k\x03\x001E",
        b"\x1d*",
        b"\x1d8L",
        b"\x1cq",
        b"\x1c2",
        b"\x10\x04",
        b"\x10\x14",
        b"\x1bM",
        b"\x1dh",
        b"\x1dw",
        b"\x1dH",
        b"\n",
        b"\t",
        b"A1",
        b"\xb2\xe2",
    ];
    let piece = prop_oneof![
        3 => proptest::sample::select(heads.to_vec()).prop_map(<[u8]>::to_vec),
        2 => proptest::collection::vec(any::<u8>(), 0..6),
        1 => proptest::collection::vec(0_u8..4, 0..6),
    ];
    proptest::collection::vec(piece, 0..80).prop_map(|pieces| pieces.concat())
}

/// That it ends, and that what comes of bytes is in proportion to them.
fn assert_bounded(bytes: &[u8]) {
    for paper in [Paper::mm58(), Paper::mm80()] {
        let slips = read(bytes, paper);
        let mut size = 0;
        for slip in &slips {
            size += 1 + slip.rows.len();
            for row in &slip.rows {
                match row {
                    Row::Text { spans, .. } => {
                        let dots: u32 = spans.iter().map(Span::width_dots).sum();
                        assert!((1..=slip.width_dots).contains(&dots), "{row:?}");
                        // A tab is one byte and up to a line of spaces.
                        size += spans.len();
                    }
                    Row::Feed { dots } => assert!(*dots > 0),
                    Row::Qr { code, .. } => {
                        code.modules();
                    }
                    Row::Barcode { code, .. } => {
                        size += code.content.len();
                        code.bars();
                        code.text();
                    }
                    Row::Picture { picture, .. } => {
                        assert!(picture.width_dots() <= slip.width_dots);
                        assert!(picture.png().len() < 200 + 4 * bytes.len());
                    }
                    Row::Drawer { .. } => {}
                }
            }
        }
        assert!(size <= 2 * bytes.len(), "{size} of {} bytes", bytes.len());
        assert!(slips.windows(2).all(|pair| pair[0].offset < pair[1].offset));
    }
}

proptest! {
    #[test]
    fn any_bytes_can_be_read(bytes in proptest::collection::vec(any::<u8>(), 0..2_000)) {
        assert_bounded(&bytes);
    }

    #[test]
    fn any_commands_can_be_read(bytes in hostile()) {
        assert_bounded(&bytes);
    }

    #[test]
    fn a_ticket_on_paper_is_the_ticket_that_was_laid_out(
        note in "\\PC{0,80}",
        variant in proptest::sample::select(sample::variants()),
    ) {
        assert_reads_back(&sample::marked(&sample::order_saying(&note), variant));
    }

    #[test]
    fn any_lines_on_paper_are_the_lines_that_were_laid_out(
        texts in proptest::collection::vec(("\\PC{0,30}", 0_usize..12), 1..20),
        columns in proptest::sample::select(Paper::COLUMNS.to_vec()),
        cutter in proptest::sample::select(vec![Cutter::None, Cutter::Partial, Cutter::Full]),
    ) {
        let mut sheet = sheet::Sheet::new(columns);
        for (text, style) in texts {
            let text = PaperText::new(&text);
            let size = [sheet::Size::Normal, sheet::Size::Double, sheet::Size::Triple][style % 3];
            let weight = if style % 2 == 0 { Weight::Regular } else { Weight::Bold };
            if style < 6 {
                sheet.centred(&text, size, weight, usize::MAX);
            } else {
                sheet.hanging(&text, sheet::Style { size, weight, ..sheet::Style::default() }, usize::MAX);
            }
        }
        let paper = Paper::mm80().with_columns(columns).unwrap().with_cutter(cutter);
        let rendered = Rendered::new(sheet, paper);
        assert_reads_back(&rendered);
        // A roll of three is three slips.
        let three = rendered.escpos().repeat(3);
        prop_assert_eq!(read(&three, paper).len(), 3);
    }
}

#[test]
fn long_bytes_of_one_kind_are_read_in_a_moment() {
    let begun = std::time::Instant::now();
    for piece in [
        b"a\x1dk\x04".as_slice(),
        b"\x1bp\x00\x01\x01\x1b@",
        b"\x1b@\x1bp\x00\x01\x01",
        b"\x1d(k\x03\x001Q0",
        b"\x1dV\x00",
        b"\t",
        b"a\n",
        b"\x1bD\x01\x02",
        b"\x1cq\x00",
        b"\x1dE",
        b"\x1dk\x49\xff",
    ] {
        read(&piece.repeat((1 << 19) / piece.len()), Paper::mm80());
    }
    assert!(begun.elapsed() < std::time::Duration::from_secs(60), "{:?}", begun.elapsed());
}

#[test]
fn a_refund_on_paper_is_the_refund_that_was_laid_out() {
    let (order, shop, request) = (sample::order(), sample::shop(), sample::refund_request());
    let refund = Some(Refund { request: &request, payout: None });
    let marks = Marks { unverified: true, possible_duplicate: true, reprint: 2 };
    for paper in [Paper::mm58(), Paper::mm80()] {
        let ticket = Ticket { refund, marks, ..sample::ticket(&order, &shop) };
        assert_reads_back(&render(Template::Refund, &ticket, paper));
    }
}
