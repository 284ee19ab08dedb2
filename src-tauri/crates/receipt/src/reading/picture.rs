//! Dots as they came.

use std::fmt;

/// A picture of black and white dots.
#[derive(Clone, PartialEq, Eq)]
pub struct Picture {
    /// Bytes of a row, at least one.
    bytes_across: usize,
    /// Whole rows, eight dots a byte, the left one in the highest bit, 1 for black.
    bits: Vec<u8>,
    wide: u8,
    tall: u8,
    /// What the paper has room for.
    width_dots: u32,
}

impl Picture {
    /// The rows in `data`, at most as wide as the paper. `None` if there is no whole row. `wide` and `tall` are 1 or 2.
    pub(super) fn new(
        data: &[u8],
        bytes_across: usize,
        wide: u8,
        tall: u8,
        paper_dots: u32,
    ) -> Option<Picture> {
        let came_dots = u32::try_from(bytes_across).ok()?.saturating_mul(8 * u32::from(wide));
        let width_dots = came_dots.min(paper_dots);
        let kept = usize::try_from(width_dots.div_ceil(8 * u32::from(wide))).ok()?;
        if kept == 0 {
            return None;
        }
        let rows = data.chunks_exact(bytes_across).filter_map(|row| row.get(..kept));
        let bits: Vec<u8> = rows.flatten().copied().collect();
        let picture = Picture { bytes_across: kept, bits, wide, tall, width_dots };
        (!picture.bits.is_empty()).then_some(picture)
    }

    /// Takes the rows of a picture that came directly below this one, as slices of one do; gives it back if it is of
    /// another shape.
    pub(super) fn grow(&mut self, below: Picture) -> Option<Picture> {
        let shape =
            |picture: &Picture| (picture.bytes_across, picture.wide, picture.tall, picture.width_dots);
        if shape(self) != shape(&below) {
            return Some(below);
        }
        self.bits.extend(below.bits);
        None
    }

    /// Its width on paper in dots, at most the paper's.
    pub fn width_dots(&self) -> u32 {
        self.width_dots
    }

    /// Its height on paper in dots.
    pub fn height_dots(&self) -> u32 {
        let rows = u32::try_from(self.bits.len() / self.bytes_across).unwrap_or(u32::MAX);
        rows.saturating_mul(u32::from(self.tall))
    }

    /// Whether there is black at a place, counted from the top left corner; outside it there is none.
    pub fn is_black(&self, x: u32, y: u32) -> bool {
        let bit = x / u32::from(self.wide);
        let row = (y / u32::from(self.tall)) as usize;
        let byte = (bit / 8) as usize;
        x < self.width_dots
            && byte < self.bytes_across
            && self
                .bits
                .get(row * self.bytes_across + byte)
                .is_some_and(|bits| bits & (0x80 >> (bit % 8)) != 0)
    }

    /// It as a PNG file of one bit a dot.
    pub fn png(&self) -> Vec<u8> {
        let mut file = Vec::new();
        written(self.write_png(&mut file));
        file
    }

    fn write_png(&self, file: &mut Vec<u8>) -> Result<(), png::EncodingError> {
        let mut encoder = png::Encoder::new(file, self.width_dots(), self.height_dots());
        encoder.set_color(png::ColorType::Grayscale);
        encoder.set_depth(png::BitDepth::One);
        let mut writer = encoder.write_header()?;
        // In a PNG 1 is white. Bits behind the right edge are ignored.
        let rows = self.bits.chunks_exact(self.bytes_across).map(|row| self.widened(row));
        let pixels: Vec<u8> =
            rows.flat_map(|row| std::iter::repeat_n(row, usize::from(self.tall))).flatten().collect();
        writer.write_image_data(&pixels)?;
        writer.finish()
    }

    /// A row as wide as on paper, 1 for white.
    fn widened(&self, row: &[u8]) -> Vec<u8> {
        let mut bytes: Vec<u8> = match self.wide {
            1 => row.iter().map(|byte| !byte).collect(),
            _ => row.iter().flat_map(|byte| (!doubled(*byte)).to_be_bytes()).collect(),
        };
        bytes.truncate(self.width_dots.div_ceil(8) as usize);
        bytes
    }
}

impl fmt::Debug for Picture {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "Picture({} × {} dots)", self.width_dots(), self.height_dots())
    }
}

/// Each bit twice.
fn doubled(byte: u8) -> u16 {
    (0..8).filter(|bit| byte & (1 << bit) != 0).map(|bit| 0b11 << (2 * bit)).sum()
}

#[expect(clippy::expect_used, reason = "the library's signature allows for files that fail")]
fn written(outcome: Result<(), png::EncodingError>) {
    outcome.expect("memory takes every byte, and a picture has at least one row of one dot");
}

#[cfg(test)]
mod tests {
    use super::*;

    fn black(picture: &Picture) -> Vec<String> {
        let dot = |x, y| if picture.is_black(x, y) { '#' } else { '.' };
        (0..picture.height_dots()).map(|y| (0..picture.width_dots()).map(|x| dot(x, y)).collect()).collect()
    }

    /// What a program that opens the file sees.
    fn opened(file: &[u8]) -> Vec<String> {
        let mut decoder = png::Decoder::new(std::io::Cursor::new(file));
        decoder.set_transformations(png::Transformations::EXPAND);
        let mut reader = decoder.read_info().unwrap();
        let mut pixels = vec![0; reader.output_buffer_size().unwrap()];
        let info = reader.next_frame(&mut pixels).unwrap();
        let dot = |pixel: &u8| if *pixel == 0 { '#' } else { '.' };
        pixels.chunks_exact(info.line_size).map(|row| row.iter().map(dot).collect()).collect()
    }

    #[test]
    fn a_picture_and_its_file_show_the_dots() {
        let picture = Picture::new(&[0b1000_0001, 0b0110_0000], 1, 1, 1, 384).unwrap();
        assert_eq!(black(&picture), ["#......#", ".##....."]);
        assert_eq!(opened(&picture.png()), black(&picture));
        let doubled = Picture::new(&[0b1010_0000], 1, 2, 2, 384).unwrap();
        assert_eq!(black(&doubled), ["##..##..........", "##..##.........."]);
        assert_eq!(opened(&doubled.png()), black(&doubled));
    }

    #[test]
    fn what_is_wider_than_the_paper_is_cut_off() {
        let data = [0xFF; 30];
        for (wide, paper) in [(1, 16), (1, 20), (2, 20), (2, 36)] {
            let picture = Picture::new(&data, 10, wide, 1, paper).unwrap();
            assert_eq!((picture.width_dots(), picture.height_dots()), (paper, 3));
            assert_eq!(opened(&picture.png()), vec!["#".repeat(paper as usize); 3]);
        }
    }

    #[test]
    fn only_whole_rows_count() {
        assert_eq!(
            Picture::new(&[1, 2, 3, 4, 5], 2, 1, 1, 384).map(|picture| picture.height_dots()),
            Some(2)
        );
        assert_eq!(Picture::new(&[1], 2, 1, 1, 384), None);
        assert_eq!(Picture::new(&[1], 0, 1, 1, 384), None);
    }
}
