//! Moments and spans for people.

use executor_core::Timestamp;

/// A moment in universal time, to the second: `2026-08-22 14:05:09`.
pub(super) fn moment(at: Timestamp) -> String {
    let seconds = at.as_millis().div_euclid(1000);
    let (day, second) = (seconds.div_euclid(86_400), seconds.rem_euclid(86_400));
    let (year, month, date) = civil(day);
    format!("{year:04}-{month:02}-{date:02} {:02}:{:02}:{:02}", second / 3600, second / 60 % 60, second % 60)
}

/// A span: `12 ms`, `3.4 s`, `5 min 6 s`, `2 h 3 min`.
pub(super) fn span(milliseconds: u64) -> String {
    let seconds = milliseconds / 1000;
    match milliseconds {
        0..1_000 => format!("{milliseconds} ms"),
        1_000..60_000 => format!("{seconds}.{} s", milliseconds % 1000 / 100),
        60_000..3_600_000 => format!("{} min {} s", seconds / 60, seconds % 60),
        _ => format!("{} h {} min", seconds / 3600, seconds / 60 % 60),
    }
}

/// Year, month and date of a day counted from 1970-01-01. The year is taken to begin in March, so that the day that
/// some years have more is its last.
fn civil(day: i64) -> (i64, i64, i64) {
    const ERA_DAYS: i64 = 146_097;
    let shifted = day + 719_468;
    let (era, day_of_era) = (shifted.div_euclid(ERA_DAYS), shifted.rem_euclid(ERA_DAYS));
    let year_of_era = (day_of_era - day_of_era / 1_460 + day_of_era / 36_524 - day_of_era / 146_096) / 365;
    let day_of_year = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    let march_month = (5 * day_of_year + 2) / 153;
    let date = day_of_year - (153 * march_month + 2) / 5 + 1;
    let month = if march_month < 10 { march_month + 3 } else { march_month - 9 };
    (era * 400 + year_of_era + i64::from(month <= 2), month, date)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn moments_are_those_of_the_calendar() {
        for (milliseconds, text) in [
            (0, "1970-01-01 00:00:00"),
            (951_782_400_000, "2000-02-29 00:00:00"),
            (1_709_164_799_999, "2024-02-28 23:59:59"),
            (1_709_251_200_000, "2024-03-01 00:00:00"),
            (-1, "1969-12-31 23:59:59"),
            (4_102_444_800_000, "2100-01-01 00:00:00"),
        ] {
            assert_eq!(moment(Timestamp::from_millis(milliseconds)), text);
        }
    }

    #[test]
    fn spans_are_told_in_fitting_units() {
        for (milliseconds, text) in
            [(12, "12 ms"), (3_450, "3.4 s"), (306_000, "5 min 6 s"), (7_380_000, "2 h 3 min")]
        {
            assert_eq!(span(milliseconds), text);
        }
    }
}
