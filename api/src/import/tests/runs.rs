//! Dry runs, batches, many errors.

use super::*;

/// An enterprise a row, `bad` of them without a name.
fn many(rows: usize, bad: std::ops::Range<usize>) -> String {
    let mut text = "bin,name_ru,kato,oked,headcount\n".to_owned();
    let bins = (0..).filter_map(|serial| domain::ids::Bin::with_checksum(&format!("230140{serial:05}")));
    for (index, bin) in bins.take(rows).enumerate() {
        let name = if bad.contains(&index) { String::new() } else { format!("Строка {index}") };
        text += &format!("{bin},{name},710000000,41201,5\n");
    }
    text
}

async fn enterprises(place: &Place) -> usize {
    entity::enterprise::Entity::find().all(place.db.read()).await.unwrap().len()
}

#[tokio::test]
async fn a_dry_run_counts_and_writes_nothing() {
    let place = Place::new().await;
    let before = place.content().await;
    let report = place.with(ImportKind::Enterprises, &many(1_200, 0..0), true, None).await;
    assert_eq!((counts(&report), report.written), ((1_200, 0, 0), false));
    assert_eq!(place.content().await, before);
    let batch = place.with(ImportKind::Enterprises, &many(1_200, 0..0), true, Some("x")).await;
    assert_eq!((counts(&batch), batch.written), ((1_200, 0, 0), false));
    assert_eq!(place.content().await, before);
}

#[tokio::test]
async fn one_bad_row_refuses_the_whole_file_and_all_bad_rows_are_counted() {
    let place = Place::new().await;
    let report = place.import(ImportKind::Enterprises, &many(2_600, 500..2_000)).await;
    assert_eq!((report.refused, report.error_count, report.errors.len()), (1_500, 1_500, 1_000));
    assert_eq!((counts(&report), report.written, enterprises(&place).await), ((0, 0, 0), false, 0));
    assert_eq!(report.errors_csv().unwrap().lines().next(), Some("line,column,code,value,message"));
}

/// A disk that fails in the third pass over a file, after so many bytes.
struct Failing {
    file: Cursor<Vec<u8>>,
    passes: u32,
    after: u64,
}

impl Read for Failing {
    fn read(&mut self, part: &mut [u8]) -> std::io::Result<usize> {
        if self.passes == 2 && self.file.position() > self.after {
            return Err(std::io::Error::other("the disk failed"));
        }
        let length = self.file.read(part)?;
        self.passes += u32::from(length == 0);
        Ok(length)
    }
}

impl Seek for Failing {
    fn seek(&mut self, to: std::io::SeekFrom) -> std::io::Result<u64> {
        self.file.seek(to)
    }
}

#[tokio::test]
async fn a_batch_goes_on_after_a_failure_and_skips_what_is_done() {
    let place = Place::new().await;
    let text = many(2_500, 0..0);
    let after = u64::try_from(text.len() * 3 / 5).unwrap();
    let failing = Failing { file: Cursor::new(text.clone().into_bytes()), passes: 0, after };
    let failed = place.from(ImportKind::Enterprises, failing, false, Some("register")).await;
    assert!(format!("{:?}", failed.unwrap_err()).contains("the disk failed"));
    assert_eq!(enterprises(&place).await, 1_000, "the block before the failure is kept, the one it hit is not");
    let resumed = place.with(ImportKind::Enterprises, &text, false, Some("register")).await;
    assert_eq!((resumed.skipped, resumed.rows, counts(&resumed)), (1_000, 1_500, (1_500, 0, 0)));
    let again = place.with(ImportKind::Enterprises, &text, false, Some("register")).await;
    assert_eq!((again.skipped, again.rows, counts(&again)), (2_500, 0, (0, 0, 0)));
}

#[tokio::test]
async fn another_file_under_the_name_of_a_batch_is_refused() {
    let place = Place::new().await;
    place.with(ImportKind::Enterprises, &many(3, 0..0), false, Some("register")).await;
    let refused = place.tried(ImportKind::Enterprises, &many(4, 0..0), false, Some("register")).await;
    assert!(refused.unwrap_err().to_string().contains("another file"));
    assert_eq!(enterprises(&place).await, 3);
}

/// Makes the batch as if it had been interrupted after so many rows.
async fn rewind(place: &Place, rows: i64) {
    use sea_orm::{ActiveModelTrait, ActiveValue, IntoActiveModel};
    let tx = place.db.begin().await.unwrap();
    let mut row = entity::import_batch::Entity::find().one(&tx).await.unwrap().unwrap().into_active_model();
    row.rows_done = ActiveValue::Set(rows);
    row.update(&tx).await.unwrap();
    tx.commit().await.unwrap();
}

#[tokio::test]
async fn a_batch_leaves_bad_rows_out_and_keeps_the_good_ones() {
    let place = Place::new().await;
    let report = place.with(ImportKind::Enterprises, &many(1_500, 10..20), false, Some("register")).await;
    assert_eq!((report.refused, counts(&report), report.written), (10, (1_490, 0, 0), true));
    assert_eq!(enterprises(&place).await, 1_490);
}

#[tokio::test]
async fn a_key_is_repeated_across_blocks_and_across_a_resumed_run() {
    let place = Place::new().await;
    let mut text = many(1_200, 0..0);
    let repeated = text.lines().nth(1).unwrap().to_owned();
    text += &format!("{repeated}\n");
    let report = place.with(ImportKind::Enterprises, &text, true, None).await;
    assert_eq!(errors(&report), [(1_202, "bin", "DUPLICATE")]);
    place.with(ImportKind::Enterprises, &text, false, Some("register")).await;
    rewind(&place, 1_000).await;
    let resumed = place.with(ImportKind::Enterprises, &text, false, Some("register")).await;
    assert_eq!(errors(&resumed), [(1_202, "bin", "DUPLICATE")]);
}

#[tokio::test]
async fn an_empty_file_and_a_header_twice_are_answers() {
    let place = Place::new().await;
    let report = place.import(ImportKind::TariffRates, "").await;
    assert_eq!(report.error_count, 5);
    let twice = "risk_class,risk_class,rate_percent,valid_from,provenance,source\n";
    let report = place.import(ImportKind::TariffRates, twice).await;
    assert_eq!(errors(&report), [(1, "risk_class", "DUPLICATE")]);
    let header = "risk_class,rate_percent,valid_from,provenance,source\n";
    let report = place.import(ImportKind::TariffRates, header).await;
    assert_eq!((report.rows, report.error_count), (0, 0));
}
