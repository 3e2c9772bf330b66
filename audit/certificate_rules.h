#pragma once
#include <functional>
#include <string>

#include "audit/event.h"
#include "audit/export.h"
#include "audit/verifier.h"

namespace audit {

/// What the genesis of a log pins, and when its newest record was written.
struct Pinned {
    base::Bytes anchor;
    const base::Bytes* checkpoint_key = nullptr;  ///< SubjectPublicKeyInfo; null: there is no genesis
    base::Millis at = 0;
};

/// Judges the certificates that an export carries: the anchor is the one pinned and, where there is one, the one `trusted`; it issued the checkpoint
/// certificate, which is for the key pinned. Fills in whom the verdict is about.
void judge_certificates(const ExportHead& head, const std::optional<base::Bytes>& trusted, const Pinned& pinned, Verdict& verdict, const std::function<void(std::string)>& find);

/// Whether a master-control UKEY, the anchor's or one whose certificate is in the head, signed this platform_replaced.
bool handed_over(const ExportHead& head, base::ByteView pinned_anchor, std::string_view origin, const Record& record);

}  // namespace audit
