//! Sums by time: dates as corpora write them, and periods as long as a chart can show.
//!
//! Documents are counted by day. A corpus that spans decades has too many days for a chart and, with wrong dates among them,
//! too many for memory; then periods are made longer. Sums over documents add up, so that nothing is lost by it.

use std::collections::BTreeMap;

use chrono::{DateTime, Datelike, Days, Months, NaiveDate, NaiveDateTime};

use super::measures::Counts;
use super::sums::Sums;

/// Points that a chart shows well.
const MOST_POINTS: usize = 60;

/// Points that any corpus gets, and documents that each further one must have on average: shares of one document say
/// nothing.
const FEW_POINTS: usize = 12;
const DOCUMENTS_PER_POINT: u64 = 5;

/// Periods that are held while rows are read.
const MOST_HELD: usize = 4096;

/// How long a period is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Unit {
    Day,
    /// From Monday.
    Week,
    Month,
    Quarter,
    Year,
    Decade,
    Century,
}

impl Unit {
    const ALL: [Self; 7] = [
        Self::Day,
        Self::Week,
        Self::Month,
        Self::Quarter,
        Self::Year,
        Self::Decade,
        Self::Century,
    ];

    pub fn name(self) -> &'static str {
        match self {
            Self::Day => "day",
            Self::Week => "week",
            Self::Month => "month",
            Self::Quarter => "quarter",
            Self::Year => "year",
            Self::Decade => "decade",
            Self::Century => "century",
        }
    }

    /// The first day of the period that `date` is in.
    fn start(self, date: NaiveDate) -> NaiveDate {
        let first_of = |year, month| NaiveDate::from_ymd_opt(year, month, 1).unwrap_or(date);
        match self {
            Self::Day => date,
            Self::Week => {
                let monday = Days::new(u64::from(date.weekday().num_days_from_monday()));
                date.checked_sub_days(monday).unwrap_or(date)
            }
            Self::Month => first_of(date.year(), date.month()),
            Self::Quarter => first_of(date.year(), date.month0() / 3 * 3 + 1),
            Self::Year => first_of(date.year(), 1),
            Self::Decade => first_of(date.year() - date.year().rem_euclid(10), 1),
            Self::Century => first_of(date.year() - date.year().rem_euclid(100), 1),
        }
    }

    /// The first day of the period after the one that begins on `start`; `None` at the end of time.
    fn next(self, start: NaiveDate) -> Option<NaiveDate> {
        match self {
            Self::Day => start.checked_add_days(Days::new(1)),
            Self::Week => start.checked_add_days(Days::new(7)),
            Self::Month => start.checked_add_months(Months::new(1)),
            Self::Quarter => start.checked_add_months(Months::new(3)),
            Self::Year => start.checked_add_months(Months::new(12)),
            Self::Decade => start.checked_add_months(Months::new(120)),
            Self::Century => start.checked_add_months(Months::new(1200)),
        }
    }

    /// The name of the period that begins on `start`.
    pub fn label(self, start: NaiveDate) -> String {
        match self {
            Self::Day => start.to_string(),
            Self::Week => format!("week of {start}"),
            Self::Month => format!("{:04}-{:02}", start.year(), start.month()),
            Self::Quarter => format!("{:04} Q{}", start.year(), start.month0() / 3 + 1),
            Self::Year => format!("{:04}", start.year()),
            Self::Decade | Self::Century => {
                let years = if self == Self::Decade { 9 } else { 99 };
                format!("{:04}–{:04}", start.year(), start.year() + years)
            }
        }
    }
}

/// The periods of a stream of documents.
pub(super) struct Periods {
    /// The unit of `held`.
    unit: Unit,
    held: BTreeMap<NaiveDate, Sums>,
    missing: Sums,
    unreadable: Sums,
    /// The first date that could not be read.
    example: Option<String>,
}

/// Periods in order, without a gap from the first to the last.
pub(super) struct Timeline {
    pub unit: Unit,
    pub periods: Vec<(NaiveDate, Sums)>,
    /// Documents without a date.
    pub missing: Sums,
    /// Documents with a date that could not be read.
    pub unreadable: Sums,
    /// One such date.
    pub example: Option<String>,
}

impl Periods {
    pub fn new() -> Self {
        Self {
            unit: Unit::Day,
            held: BTreeMap::new(),
            missing: Sums::default(),
            unreadable: Sums::default(),
            example: None,
        }
    }

    /// Adds a document with its date as it is written.
    pub fn add(&mut self, written: &str, counts: &Counts) {
        if written.trim().is_empty() {
            self.missing.add(counts);
            return;
        }
        let Some(date) = date(written) else {
            self.unreadable.add(counts);
            self.example.get_or_insert_with(|| written.to_owned());
            return;
        };
        self.held.entry(self.unit.start(date)).or_default().add(counts);
        // Dates that lie far apart may need several steps.
        while self.held.len() > MOST_HELD && self.unit < Unit::Century {
            let longer = match self.unit {
                Unit::Day | Unit::Week => Unit::Month,
                Unit::Month | Unit::Quarter => Unit::Year,
                Unit::Year => Unit::Decade,
                Unit::Decade | Unit::Century => Unit::Century,
            };
            self.lengthen(longer);
        }
    }

    fn lengthen(&mut self, unit: Unit) {
        let mut longer: BTreeMap<NaiveDate, Sums> = BTreeMap::new();
        for (date, sums) in &self.held {
            longer.entry(unit.start(*date)).or_default().merge(sums);
        }
        (self.unit, self.held) = (unit, longer);
    }

    pub fn finish(mut self) -> Timeline {
        let ends = self.held.first_key_value().zip(self.held.last_key_value());
        let ends = ends.map(|((first, _), (last, _))| (*first, *last));
        if let Some((first, last)) = ends {
            let documents: u64 = self.held.values().map(|sums| sums.documents).sum();
            let most = usize::try_from(documents / DOCUMENTS_PER_POINT).unwrap_or(MOST_POINTS);
            let most = most.clamp(FEW_POINTS, MOST_POINTS);
            let fits = |unit: &Unit| points(*unit, first, last) <= most;
            let mut units = Unit::ALL.into_iter().filter(|unit| *unit >= self.unit);
            let unit = units.clone().find(fits).or(units.next_back());
            self.lengthen(unit.unwrap_or(self.unit));
            for start in starts(self.unit, first, last) {
                self.held.entry(start).or_default();
            }
        }
        Timeline {
            unit: self.unit,
            periods: self.held.into_iter().collect(),
            missing: self.missing,
            unreadable: self.unreadable,
            example: self.example,
        }
    }
}

/// The beginnings of all periods from the one that `first` is in to that of `last`.
fn starts(unit: Unit, first: NaiveDate, last: NaiveDate) -> impl Iterator<Item = NaiveDate> {
    let starts = std::iter::successors(Some(unit.start(first)), move |start| unit.next(*start));
    starts.take_while(move |start| *start <= last)
}

/// How many periods there are from `first` to `last`; not counted on far beyond [`MOST_POINTS`].
fn points(unit: Unit, first: NaiveDate, last: NaiveDate) -> usize {
    starts(unit, first, last).take(MOST_POINTS + 1).count()
}

/// The day of a date or timestamp of ISO 8601, as it is written: a timestamp is not moved to another zone, for the
/// day on which an article appeared is that of its outlet.
fn date(written: &str) -> Option<NaiveDate> {
    let written = written.trim();
    if written.len() == 8 && written.bytes().all(|byte| byte.is_ascii_digit()) {
        return day(&written[..4], &written[4..6], &written[6..]);
    }
    let (date, rest) = written.split_at_checked(10)?;
    let mut parts = date.split('-');
    let (year, month, of_month) = (parts.next()?, parts.next()?, parts.next()?);
    let date = day(year, month, of_month)?;
    if rest.is_empty() {
        return Some(date);
    }
    let time = rest.strip_prefix(['T', 't', ' '])?;
    is_time(time).then_some(date)
}

fn day(year: &str, month: &str, day: &str) -> Option<NaiveDate> {
    let number = |digits: &str, length: usize| {
        let is_number = digits.len() == length && digits.bytes().all(|byte| byte.is_ascii_digit());
        is_number.then(|| digits.parse::<u32>().ok())?
    };
    let year = i32::try_from(number(year, 4)?).ok()?;
    NaiveDate::from_ymd_opt(year, number(month, 2)?, number(day, 2)?)
}

/// Whether `written` is a time of day, perhaps with a zone.
fn is_time(written: &str) -> bool {
    const DAY: &str = "2000-01-01T";
    const LOCAL: [&str; 3] = ["%Y-%m-%dT%H:%M:%S%.f", "%Y-%m-%dT%H:%M", "%Y-%m-%dT%H"];
    const ZONED: [&str; 3] = ["%Y-%m-%dT%H:%M:%S%.f%#z", "%Y-%m-%dT%H:%M%#z", "%Y-%m-%dT%H%#z"];
    let written = format!("{DAY}{}", written.strip_suffix(" UTC").unwrap_or(written));
    // "Z" stands for an offset of zero.
    let zoned = match written.strip_suffix(['Z', 'z']) {
        Some(time) => format!("{time}+00:00"),
        None => written.clone(),
    };
    LOCAL
        .iter()
        .any(|form| NaiveDateTime::parse_from_str(&written, form).is_ok())
        || ZONED
            .iter()
            .any(|form| DateTime::parse_from_str(&zoned, form).is_ok())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn ymd(year: i32, month: u32, day: u32) -> NaiveDate {
        NaiveDate::from_ymd_opt(year, month, day).unwrap()
    }

    #[test]
    fn dates_and_timestamps_of_iso_8601_are_read() {
        for written in [
            "2024-03-09",
            " 2024-03-09 ",
            "20240309",
            "2024-03-09T23:59:59Z",
            "2024-03-09T23:59:59.123456+02:00",
            "2024-03-09 23:59:59",
            "2024-03-09 23:59:59+00:00",
            "2024-03-09T23:59:59-0500",
            "2024-03-09T23:59",
            "2024-03-09T23:59Z",
            "2024-03-09 23:59:59 UTC",
        ] {
            assert_eq!(date(written), Some(ymd(2024, 3, 9)), "{written}");
        }
    }

    #[test]
    fn other_dates_are_not_guessed() {
        for written in [
            "9 March 2024",
            "03/09/2024",
            "2024-13-01",
            "2023-02-29",
            "2024-3-9",
            "2024-03-09T",
            "2024-03-09T25:00",
            "2024-03-09 noon",
            "2024",
            "1709942400",
            "２０２４-03-09",
            "2024-03-0é",
            "<script>",
        ] {
            assert_eq!(date(written), None, "{written}");
        }
    }

    fn timeline(dates: &[&str]) -> Timeline {
        let mut periods = Periods::new();
        for date in dates {
            periods.add(date, &Counts::of_labels(1, 0, 0));
        }
        periods.finish()
    }

    /// Of a corpus with so many documents that each period may have enough.
    fn large_timeline(dates: [&str; 2]) -> Timeline {
        timeline(&dates.repeat(200))
    }

    fn labels(timeline: &Timeline) -> Vec<String> {
        timeline
            .periods
            .iter()
            .map(|(start, _)| timeline.unit.label(*start))
            .collect()
    }

    #[test]
    fn periods_are_as_long_as_the_corpus_needs_and_have_no_gaps() {
        assert_eq!(
            labels(&timeline(&["2024-02-28", "2024-03-01"])),
            ["2024-02-28", "2024-02-29", "2024-03-01"]
        );
        let weeks = large_timeline(["2024-01-01", "2024-06-05"]);
        assert_eq!((weeks.unit, weeks.periods.len()), (Unit::Week, 23));
        assert_eq!(labels(&weeks)[22], "week of 2024-06-03");
        let months = large_timeline(["2021-11-30", "2024-06-05"]);
        assert_eq!(
            (months.unit, labels(&months)[0].as_str()),
            (Unit::Month, "2021-11")
        );
        let quarters = large_timeline(["2014-11-30", "2024-06-05"]);
        assert_eq!(
            (quarters.unit, labels(&quarters)[0].as_str()),
            (Unit::Quarter, "2014 Q4")
        );
        let centuries = large_timeline(["0001-01-01", "9999-12-31"]);
        assert_eq!((centuries.unit, centuries.periods.len()), (Unit::Century, 100));
        assert_eq!(labels(&centuries)[99], "9900–9999");
    }

    #[test]
    fn few_documents_get_few_periods() {
        let quarter = timeline(&["2024-01-01", "2024-02-01", "2024-06-05"]);
        assert_eq!((quarter.unit, quarter.periods.len()), (Unit::Month, 6));
    }

    #[test]
    fn what_has_no_date_is_counted() {
        let timeline = timeline(&["2024-02-28", "", "  ", "soon", "later"]);
        assert_eq!(
            (timeline.missing.documents, timeline.unreadable.documents),
            (2, 2)
        );
        assert_eq!(timeline.example.as_deref(), Some("soon"));
    }

    #[test]
    fn many_dates_lose_no_document() {
        let mut periods = Periods::new();
        let mut day = ymd(1, 1, 1);
        let mut documents = 0;
        while let Some(next) = day.checked_add_days(Days::new(97)) {
            if next.year() > 9999 {
                break;
            }
            day = next;
            documents += 1;
            periods.add(&day.to_string(), &Counts::of_labels(1, 0, 0));
            assert!(periods.held.len() <= MOST_HELD);
        }
        let timeline = periods.finish();
        let counted: u64 = timeline.periods.iter().map(|(_, sums)| sums.documents).sum();
        assert_eq!(counted, documents);
        assert_eq!(timeline.unit, Unit::Century);
    }
}
