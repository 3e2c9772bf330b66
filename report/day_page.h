#pragma once
#include "audit/day_report.h"

namespace report {

/// A day for an auditor to read in a minute, and to file: A4 as PDF. The verdict comes first and is told in words, a log that is not sound in white on
/// black; tables that are longer than a page go on under their heading; at the end stands the checkpoint, as text and as a QR code.
/// `made`: when. errors: io_failed (it cannot be drawn)
base::Result<base::Bytes> draw_day(const audit::DayReportPage& page, base::Millis made);

}  // namespace report
