#include "audit/compare.h"

#include <algorithm>

#include "audit/export_parser.h"

namespace audit {
namespace {

template <class T>
base::Result<T> of(std::string_view which, base::Result<T> result) {
    if (!result) return std::move(result).error().in(which);
    return result;
}

/// Reads what stands before this record.
base::Status skip(ExportParser& parser, std::uint64_t from, std::uint64_t to) {
    for (std::uint64_t i = from; i < to; ++i) {
        KMP_TRY(const base::ByteView record, parser.next());
        if (record.empty()) return base::Error{base::Code::malformed, "it ends at record " + std::to_string(i) + ", before the other one begins: they share no record"};
    }
    return {};
}

}  // namespace

base::Result<Comparison> compare_exports(const ByteSource& older, const ByteSource& newer) {
    constexpr std::string_view kOlder = "the older export";
    constexpr std::string_view kNewer = "the newer export";
    ExportParser a(older);
    ExportParser b(newer);
    KMP_TRY(const auto head_a, of(kOlder, a.head()));
    KMP_TRY(const auto head_b, of(kNewer, b.head()));
    Comparison out;
    out.first = std::max(head_a.head.first, head_b.head.first);
    if (auto done = skip(a, head_a.head.first, out.first); !done) return std::move(done).error().in(kOlder);
    if (auto done = skip(b, head_b.head.first, out.first); !done) return std::move(done).error().in(kNewer);
    out.older_size = out.newer_size = out.first;
    bool more_a = true;
    bool more_b = true;
    while (more_a || more_b) {
        base::ByteView record_a;
        base::ByteView record_b;
        if (more_a) {
            KMP_TRY(record_a, of(kOlder, a.next()));
            more_a = !record_a.empty();
        }
        if (more_b) {
            KMP_TRY(record_b, of(kNewer, b.next()));
            more_b = !record_b.empty();
        }
        if (more_a && more_b && !out.differs_at && !std::equal(record_a.begin(), record_a.end(), record_b.begin(), record_b.end())) out.differs_at = out.older_size;
        out.older_size += more_a ? 1 : 0;
        out.newer_size += more_b ? 1 : 0;
    }
    KMP_TRY(const std::string note_a, of(kOlder, a.trailer()));
    KMP_TRY(const std::string note_b, of(kNewer, b.trailer()));
    return out;
}

}  // namespace audit
