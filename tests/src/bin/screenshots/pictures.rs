use std::fs::{self, File};
use std::io::{BufWriter, Cursor};
use std::path::Path;

use journeys::{Pc, Window, World, until};
use serde_json::json;

const LARGE: (u32, u32) = (1600, 1000);
const SMALL: (u32, u32) = (1024, 700);

/// The screens, and the keys that go there whatever the language.
const SCREENS: [(&str, [&str; 2]); 4] =
    [("orders", ["g", "o"]), ("refunds", ["g", "r"]), ("printing", ["g", "p"]), ("connect", ["g", "s"])];

/// Takes them all and writes them to the folder.
pub(crate) fn take_all(folder: &Path) {
    fs::create_dir_all(folder).expect("the folder can be made");
    let pc = Pc::new();
    let (window, world) = pc.open_demo(&["--demo-orders", "60", "--demo-rate", "0", "--demo-seed", "20"]);
    happen(&window, &world);
    for (width, height) in [LARGE, SMALL] {
        for look in ["light", "dark"] {
            prefer(&window, "zh-CN", look);
            window.resize(width, height);
            for (screen, keys) in SCREENS {
                visit(&window, screen, keys);
                take(&window, &folder.join(format!("{screen}-{width}x{height}-{look}.png")));
            }
        }
    }
    window.resize(LARGE.0, LARGE.1);
    let (screen, keys) = SCREENS[0];
    for language in ["zh-TW", "en"] {
        prefer(&window, language, "light");
        visit(&window, screen, keys);
        take(&window, &folder.join(format!("{screen}-{language}.png")));
    }
}

/// Some of a shop's day: customers who buy, and some who want their money back.
fn happen(window: &Window, world: &World) {
    window.text("正在读入以前的订单").vanish();
    window.role("grid", "订单列表").see();
    for total in [3_780, 2_600, 5_400, 1_800] {
        let placed = world.place_paid(total);
        let row = window.role("grid", "订单列表").holding("row", &placed.order_id);
        row.role("img", "小票已打印").see();
        if total > 3_000 {
            world.ask_refund(&placed.order_id, total / 2);
        }
    }
    let waiting = || window.holding("button", "提醒").name();
    until("the requests have come", || (waiting() == "提醒，6 条需要处理").then_some(()));
    window.holding("button", "提醒").click();
    window.role("button", "全部知道了").click();
    window.press(ESCAPE);
    // The keyboard goes back to the bell only after its list has faded, and with it comes the bell's tooltip.
    let back = "return document.activeElement.getAttribute('aria-label')?.startsWith('提醒') ?? false;";
    until("the bell has the keyboard", || (window.run(back) == json!(true)).then_some(()));
    window.run("document.activeElement.blur();");
}

/// A screen with something open on it.
fn visit(window: &Window, screen: &str, keys: [&str; 2]) {
    window.press(ESCAPE);
    keys.iter().for_each(|key| window.press(key));
    match screen {
        "orders" | "refunds" => {
            window.css("[role=grid] [role=row][aria-rowindex='2']").click();
            window.css("aside h2").see();
        }
        "printing" => {
            window.css("aside svg[role=img]").see();
        }
        _ => {
            window.css("[role=tab]:nth-of-type(2)").click();
            window.css("form button").see();
        }
    }
}

const ESCAPE: &str = "\u{e00c}";

fn prefer(window: &Window, language: &str, look: &str) {
    let preferences = json!({ "language": language, "look": look, "sound": true, "volume": 60 });
    let script = format!(
        "await window.__TAURI_INTERNALS__.invoke('preferences_set', {{ preferences: {preferences} }}); return {{}};"
    );
    let answer = window.wait_for(&script);
    assert!(answer["failed"].is_null(), "{answer}");
    let shown = "return [document.documentElement.lang, document.documentElement.dataset.look];";
    until("the page speaks it", || (window.run(shown) == json!([language, look])).then_some(()));
}

/// Takes a picture and packs it as well as PNG can.
fn take(window: &Window, file: &Path) {
    // Where the keyboard stands is marked, but not always.
    window.run("document.activeElement.blur();");
    let picture = window.picture();
    let mut reader = png::Decoder::new(Cursor::new(picture)).read_info().expect("a PNG");
    let mut pixels = vec![0; reader.output_buffer_size().expect("a size")];
    let info = reader.next_frame(&mut pixels).expect("pixels");
    let rgb: Vec<u8> = match info.color_type {
        png::ColorType::Rgb => pixels,
        png::ColorType::Rgba => pixels.chunks_exact(4).flat_map(|pixel| &pixel[..3]).copied().collect(),
        other => panic!("a picture of {other:?}"),
    };
    let output =
        BufWriter::new(File::create(file).unwrap_or_else(|error| panic!("{}: {error}", file.display())));
    let mut encoder = png::Encoder::new(output, info.width, info.height);
    encoder.set_color(png::ColorType::Rgb);
    encoder.set_compression(png::Compression::High);
    encoder.write_header().and_then(|mut writer| writer.write_image_data(&rgb)).expect("a file");
    println!("{}", file.display());
}
