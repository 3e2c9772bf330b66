#pragma once
#include <QString>
#include <QStringList>
#include <string_view>

#include "base/result.h"
#include "kmp/terms/grant.h"
#include "model/grant.h"
#include "wire/pb.h"

/// The terms of a grant without widgets: what the editor reads, checks and compares.
namespace ui::parts {

namespace pb = wire::pb;
using kmp::terms::may_sell;

/// What a new UKEY of this kind is usually given (model/grant_defaults.h). Precondition: user or key.
pb::GrantTerms usual_terms(model::UkeyKind kind);

/// "000000100000-000000199999, 000000300000"; every meter is empty.
QString meters_text(const pb::GrantTerms& terms);
/// What people type: numbers and ranges between commas, semicolons or white space. invalid_argument: one line for a person, in the language of the window.
base::Result<std::vector<model::MeterRange>> parse_meters(const QString& text);
bool is_every_meter(const pb::GrantTerms& terms);

/// The grant that these terms ask for, as the service takes it: what is zero and has a usual value gets it, reckoned from `now`. Its UKEY and home are empty. invalid_argument: a name that this window does not know.
base::Result<model::Grant> grant_of(const pb::GrantTerms& terms, model::UkeyKind kind, base::Millis now);

/// Why these terms cannot be; empty: they can.
QString problem_of(const pb::GrantTerms& terms, model::UkeyKind kind, base::Millis now);
/// What can be, but hardly be meant; empty: nothing.
QString doubt_of(const pb::GrantTerms& terms);

/// What is another in `to` than in `from`, a sentence each: "Cap of a day: 5,000.00 yuan, before 2,000.00 yuan".
QStringList differences(const pb::GrantTerms& from, const pb::GrantTerms& to);

}  // namespace ui::parts
