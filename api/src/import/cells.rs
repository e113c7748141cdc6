//! A CSV file row by row: UTF-8 with or without a byte order mark, columns by name.

use std::io::{Read, Seek, SeekFrom};
use std::sync::Arc;

use anyhow::Context;
use csv::{ByteRecord, Reader, ReaderBuilder, Terminator};
use domain::refusal::{Refusal, RefusalCode};

/// Names of the columns, in the order of the file.
#[derive(Debug)]
pub struct Header(Vec<String>);

impl Header {
    /// Names of the columns.
    pub fn names(&self) -> &[String] {
        &self.0
    }

    /// Whether the file has the column.
    pub fn has(&self, column: &str) -> bool {
        self.0.iter().any(|name| name == column)
    }
}

/// One row.
#[derive(Clone, Debug)]
pub struct Cells {
    /// Line on which it begins.
    pub line: u64,
    header: Arc<Header>,
    values: Vec<String>,
}

impl Cells {
    /// What a column holds, without surrounding space; empty when the file does not have the column.
    pub fn text(&self, column: &str) -> &str {
        let index = self.header.0.iter().position(|name| name == column);
        index.and_then(|index| self.values.get(index)).map_or("", |value| value.trim())
    }

    /// What a column holds; `None` when it is empty.
    pub fn filled(&self, column: &str) -> Option<&str> {
        Some(self.text(column)).filter(|text| !text.is_empty())
    }

    /// Whether the file has the column: an empty cell then means "none", and not "as before".
    pub fn has(&self, column: &str) -> bool {
        self.header.has(column)
    }
}

/// A file being read.
pub struct CsvFile<R> {
    reader: Reader<R>,
    header: Arc<Header>,
    record: ByteRecord,
}

impl<R: Read + Seek> CsvFile<R> {
    /// Opens a file at its beginning and reads its header.
    pub fn open(mut source: R) -> anyhow::Result<Self> {
        source.seek(SeekFrom::Start(0))?;
        let mut mark = Vec::new();
        source.by_ref().take(3).read_to_end(&mut mark)?;
        if mark != *"\u{feff}".as_bytes() {
            source.seek(SeekFrom::Start(0))?;
        }
        // Rows of another length are refused one by one. The reader counts lines by LF only, and loses one when it may
        // take CR LF for the end of a row; a CR left at the end of a cell is trimmed like other space.
        let mut reader = ReaderBuilder::new().flexible(true).terminator(Terminator::Any(b'\n')).from_reader(source);
        let names = reader.byte_headers()?.iter().map(|name| String::from_utf8(name.trim_ascii().to_vec()));
        let names = names.collect::<Result<_, _>>().context("the header is not UTF-8 text")?;
        Ok(Self { reader, header: Arc::new(Header(names)), record: ByteRecord::new() })
    }

    /// The header.
    pub fn header(&self) -> &Header {
        &self.header
    }

    /// The next row, and what makes it unreadable; `None` at the end.
    pub fn next(&mut self) -> anyhow::Result<Option<(Cells, Vec<Refusal>)>> {
        loop {
            if !self.reader.read_byte_record(&mut self.record)? {
                return Ok(None);
            }
            let blank = self.record.len() == 1 && self.record.iter().all(|cell| cell.trim_ascii().is_empty());
            if !blank || self.header.0.len() == 1 {
                break;
            }
        }
        let line = self.record.position().map_or(0, csv::Position::line);
        let mut refusals = Vec::new();
        if self.record.len() != self.header.0.len() {
            let refusal = Refusal::new(RefusalCode::InvalidLength).with("expected", self.header.0.len());
            refusals.push(refusal.with("found", self.record.len()));
        }
        let mut values = Vec::with_capacity(self.record.len());
        for (index, cell) in self.record.iter().enumerate() {
            let text = std::str::from_utf8(cell).ok().filter(|text| !text.contains('\0'));
            if text.is_none() {
                let column = self.header.0.get(index).map_or("", String::as_str);
                refusals.push(Refusal::new(RefusalCode::InvalidFormat).at(column).with("expected", "UTF-8"));
            }
            values.push(text.unwrap_or_default().to_owned());
        }
        Ok(Some((Cells { line, header: self.header.clone(), values }, refusals)))
    }
}

#[cfg(test)]
mod tests {
    use std::io::Cursor;

    use super::*;

    fn open(text: &[u8]) -> CsvFile<Cursor<Vec<u8>>> {
        CsvFile::open(Cursor::new(text.to_vec())).unwrap()
    }

    #[test]
    fn a_byte_order_mark_and_quotes_do_not_hide_the_first_column() {
        for text in ["\u{feff}\"bin\",name\n 1 ,x\n", "bin,\"name\"\r\n1,\"x\"\r\n\r\n"] {
            let mut file = open(text.as_bytes());
            assert!(file.header().has("bin"), "{text:?}");
            let (cells, refusals) = file.next().unwrap().unwrap();
            assert_eq!((cells.text("bin"), cells.text("name"), cells.line), ("1", "x", 2));
            assert_eq!(refusals, []);
            assert!(file.next().unwrap().is_none());
        }
    }

    #[test]
    fn rows_that_cannot_be_read_name_their_line_and_column() {
        let mut file = open(b"a,b\n1\n1,\xff\n1,x\0\n\"1\n2\",3\n4,5\n");
        let mut found = Vec::new();
        while let Some((cells, refusals)) = file.next().unwrap() {
            found.push((cells.line, refusals.iter().map(|refusal| refusal.field.clone()).collect::<Vec<_>>()));
        }
        let at = |line, columns: &[&str]| (line, columns.iter().map(|column| (*column).to_owned()).collect());
        assert_eq!(found, [at(2, &[""]), at(3, &["b"]), at(4, &["b"]), at(5, &[]), at(7, &[])]);
    }
}
