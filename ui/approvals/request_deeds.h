#pragma once
#include "ui/parts/deed_form.h"

/// What is done with a request, as deeds. `quorum`: the officers of today.
namespace ui::approvals {

/// One officer's yes or no to exactly what is shown: the request goes with the SHA-256 of its statement, and the service refuses where it has another by then.
parts::Deed judging(const link::pb::Request& request, bool agree, const link::pb::Quorum& quorum);
/// It is done, with the PINs that it takes.
parts::Deed running(const link::pb::Request& request, const link::pb::Quorum& quorum);
/// Warns, before what the deed warns of anyway. Empty words: of nothing.
void caution(parts::Deed& deed, const QString& words);

}  // namespace ui::approvals
