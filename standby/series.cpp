#include "standby/series.h"

#include <fcntl.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <charconv>
#include <cstdio>
#include <filesystem>
#include <sstream>
#include <toml++/toml.h>

#include "base/fd.h"

namespace standby {
namespace {

using base::Code;
namespace fs = std::filesystem;

constexpr std::string_view kSeriesPrefix = "series-";
constexpr std::string_view kSegmentPrefix = "segment-";
constexpr std::size_t kMaxBaseFile = 65536;
constexpr std::size_t kMaxSegment = kHeadingBytes + kMaxRecovery + kMaxNote + kMaxPages * (kPageSize + 4) + 32;

std::string numbered(std::string_view prefix, int width, std::uint64_t number) {
    char digits[24];
    std::snprintf(digits, sizeof digits, "%0*llu", width, static_cast<unsigned long long>(number));
    return std::string(prefix) + digits;
}

/// The number behind the prefix; nothing for a name of another form, as a file that is still being written has it.
std::optional<std::uint64_t> number_of(std::string_view name, std::string_view prefix) {
    if (!name.starts_with(prefix) || name.size() == prefix.size()) return std::nullopt;
    name.remove_prefix(prefix.size());
    std::uint64_t out = 0;
    const auto [end, error] = std::from_chars(name.data(), name.data() + name.size(), out);
    if (error != std::errc() || end != name.data() + name.size()) return std::nullopt;
    return out;
}

template <std::size_t N>
base::Result<std::array<std::uint8_t, N>> array_from(const std::string& hex) {
    const auto bytes = base::from_hex(hex);
    std::array<std::uint8_t, N> out{};
    if (!bytes || bytes->size() != N) return {Code::malformed, "it holds no " + std::to_string(N) + " bytes where they belong"};
    std::copy(bytes->begin(), bytes->end(), out.begin());
    return out;
}

base::Result<Base> parse_base(const toml::table& file) {
    Base out;
    KMP_TRY(out.database, array_from<16>(file["database"].value_or(std::string())));
    KMP_TRY(out.series, array_from<32>(file["series"].value_or(std::string())));
    KMP_TRY(out.hash, array_from<32>(file["sha256"].value_or(std::string())));
    KMP_TRY(out.made, base::from_rfc3339(file["made"].value_or(std::string())));
    out.platform = file["platform"].value_or(std::string());
    out.bytes = static_cast<std::uint64_t>(file["bytes"].value_or(std::int64_t{0}));
    out.needs = static_cast<std::uint64_t>(file["needs"].value_or(std::int64_t{0}));
    return out;
}

/// Where the pages go; nowhere when a series is only checked.
class Target {
public:
    static base::Result<Target> make(const std::string& path, const std::string& base_file) {
        Target out;
        if (path.empty()) return out;
        std::error_code error;
        fs::copy_file(base_file, path, error);
        if (error) return {Code::io_failed, "the base cannot be copied to " + path + ": " + error.message()};
        fs::permissions(path, fs::perms::owner_read | fs::perms::owner_write, error);
        out.path_ = path;
        out.fd_ = base::Fd(::open(path.c_str(), O_RDWR | O_CLOEXEC | O_NOFOLLOW));
        if (!out.fd_) return base::errno_error("cannot open " + path, errno);
        return out;
    }
    base::Status put(const Segment& segment) {
        if (path_.empty()) return {};
        for (const auto& [number, content] : segment.pages) {
            const auto at = static_cast<off_t>(std::uint64_t{number - 1} * kPageSize);
            if (::pwrite(fd_.get(), content.data(), content.size(), at) != static_cast<ssize_t>(content.size())) return base::errno_error("cannot write " + path_, errno);
        }
        if (::ftruncate(fd_.get(), static_cast<off_t>(std::uint64_t{segment.heading.database_pages} * kPageSize)) != 0) return base::errno_error("cannot set the length of " + path_, errno);
        return {};
    }
    base::Status finish() {
        if (!path_.empty() && ::fsync(fd_.get()) != 0) return base::errno_error("cannot sync " + path_, errno);
        return {};
    }

private:
    std::string path_;
    base::Fd fd_;
};

/// The numbers of the segments that are there, rising.
base::Result<std::vector<std::uint64_t>> segments_in(const std::string& path) {
    std::vector<std::uint64_t> out;
    std::error_code error;
    for (fs::directory_iterator at(path, error), end; !error && at != end; at.increment(error))
        if (const auto number = number_of(at->path().filename().string(), kSegmentPrefix)) out.push_back(*number);
    if (error) return base::errno_error("cannot list " + path, error.value());
    std::ranges::sort(out);
    return out;
}

base::Error missing(const std::string& path, std::uint64_t number) {
    return {Code::not_found, path + "/" + segment_name(number) + " is missing, and later ones are there; fetch it from where the folder was carried from, or take the folder of an earlier day"};
}

base::Error spoilt(const std::string& file, const std::string& how) {
    return {Code::tampered, file + ": " + how + "; fetch it anew from where the folder was carried from"};
}

/// What binds a segment to the one before, to its series and to its database.
base::Status check_heading(const Heading& h, std::uint64_t number, const Report& r, const std::string& file) {
    if (h.database != r.base.database) return spoilt(file, "it is a segment of another database");
    if (h.series != r.base.series) return spoilt(file, "it is a segment of another series: base and segments do not belong together");
    if (h.number != number || h.previous != r.hash) return spoilt(file, "it does not follow the segment before it");
    return {};
}

base::Result<Report> read_series(const Found& found, const std::string& target_path, const Tell& tell) {
    Report r;
    r.path = found.path;
    r.base = *found.base;
    r.hash = r.base.series;
    const std::string base_file = found.path + "/" + kBase;
    KMP_TRY(const std::vector<std::uint64_t> numbers, segments_in(found.path));
    for (std::size_t i = 0; i < numbers.size(); ++i)
        if (numbers[i] != i + 1) return missing(found.path, i + 1);
    if (numbers.size() < r.base.needs) return missing(found.path, numbers.size() + 1);
    std::error_code error;
    std::uint64_t of = r.base.bytes;
    for (const std::uint64_t n : numbers) {
        const std::uintmax_t size = fs::file_size(found.path + "/" + segment_name(n), error);
        if (error) return base::errno_error("cannot look at " + found.path + "/" + segment_name(n), error.value());
        of += size;
    }
    KMP_TRY(const base::Digest hash, base::sha256_of_file(base_file));
    if (hash != r.base.hash) return spoilt(base_file, "it is not what was written");
    KMP_TRY(Target target, Target::make(target_path, base_file));
    for (const std::uint64_t n : numbers) {
        const std::string file = found.path + "/" + segment_name(n);
        KMP_TRY(const base::Bytes content, base::read_file(file, kMaxSegment));
        auto segment = decode(content);
        const bool cut = !segment && (segment.error().code == Code::storage_failed || content.size() < kHeadingBytes);
        if (cut && n == numbers.size() && n > r.base.needs) {
            r.notes.push_back(segment_name(n) + ", the last one, is cut short and is left out");
            break;
        }
        if (!segment) return spoilt(file, segment.error().message);
        KMP_CHECK(check_heading(segment->heading, n, r, file));
        KMP_CHECK(target.put(*segment));
        r.hash = segment->hash;
        r.last = segment->heading;
        r.segments = n;
        r.bytes += content.size();
        if (!segment->recovery.empty()) r.recovery = std::move(segment->recovery);
        if (!segment->checkpoint.empty()) r.checkpoint = std::move(segment->checkpoint);
        if (tell) tell(r.base.bytes + r.bytes, of);
    }
    KMP_CHECK(target.finish());
    if (r.recovery.empty()) return {Code::malformed, found.path + " holds nothing that a restore could go by; fetch the folder anew"};
    return r;
}

/// The newest series that has become whole; what is newer was still being copied.
base::Result<Report> newest_of(const std::string& folder, const std::string& target, const Tell& tell) {
    KMP_TRY(const std::vector<Found> all, find_series(folder));
    std::vector<std::string> notes;
    for (const Found& found : all) {
        if (!found.problem.empty()) return {Code::malformed, found.problem};
        if (!found.base) {
            notes.push_back(fs::path(found.path).filename().string() + " is not whole yet and is left out");
            continue;
        }
        KMP_TRY(Report out, read_series(found, target, tell));
        out.notes.insert(out.notes.begin(), notes.begin(), notes.end());
        return out;
    }
    return {Code::not_found, folder + " holds no whole series of a standby's feed; nothing can be taken over from it"};
}

}  // namespace

std::string series_name(std::uint64_t number) { return numbered(kSeriesPrefix, 6, number); }
std::string segment_name(std::uint64_t number) { return numbered(kSegmentPrefix, 10, number); }

std::string Base::text() const {
    const toml::table file{{"database", base::to_hex(database)}, {"series", base::to_hex(series)}, {"platform", platform}, {"made", base::to_rfc3339(made)},
                           {"bytes", static_cast<std::int64_t>(bytes)}, {"sha256", base::to_hex(hash)}, {"needs", static_cast<std::int64_t>(needs)}};
    std::ostringstream out;
    out << "# The base of a standby's feed; 'kmpctl restore' takes the folder above this one.\n" << file << "\n";
    return out.str();
}

base::Result<Base> Base::read(const std::string& path) {
    KMP_TRY(const base::Bytes content, base::read_file(path, kMaxBaseFile));
    base::Result<Base> out{Code::malformed, ""};
    try {
        out = parse_base(toml::parse(base::as_text(content)));
    } catch (const toml::parse_error& e) {
        out = base::Error{Code::malformed, "line " + std::to_string(e.source().begin.line) + ": " + std::string(e.description())};
    }
    if (!out) return base::Error{Code::malformed, path + ": " + out.error().message + "; fetch it anew from where the folder was carried from"};
    return out;
}

base::Result<std::vector<Found>> find_series(const std::string& folder) {
    std::vector<Found> out;
    std::error_code error;
    for (fs::directory_iterator at(folder, error), end; !error && at != end; at.increment(error)) {
        const auto number = number_of(at->path().filename().string(), kSeriesPrefix);
        if (!number) continue;
        Found found;
        found.number = *number;
        found.path = at->path().string();
        auto base = Base::read(found.path + "/" + kBaseFile);
        if (base) found.base = std::move(*base);
        else if (base.error().code != Code::not_found) found.problem = base.error().message;
        out.push_back(std::move(found));
    }
    if (error) return base::errno_error("cannot list " + folder, error.value());
    std::ranges::sort(out, std::greater<>(), &Found::number);
    return out;
}

base::Result<Heading> last_heading(const std::string& series_path) {
    KMP_TRY(const std::vector<std::uint64_t> numbers, segments_in(series_path));
    if (numbers.empty()) return {Code::not_found, series_path + " holds no segment"};
    KMP_TRY(const base::Bytes content, base::read_file(series_path + "/" + segment_name(numbers.back()), kMaxSegment));
    return decode_heading(content);
}

bool holds_feed(const std::string& folder) {
    const auto found = find_series(folder);
    return found && !found->empty();
}

base::Result<Report> check(const std::string& folder, const Tell& tell) { return newest_of(folder, {}, tell); }

base::Result<Report> apply(const std::string& folder, const std::string& target, const Tell& tell) { return newest_of(folder, target, tell); }

}  // namespace standby
