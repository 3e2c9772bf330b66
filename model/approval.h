#pragma once
#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "base/bytes.h"
#include "base/clock.h"
#include "base/ids.h"

/// Dual control: who the officers are, what they are asked to approve, and what counts as enough.
namespace model {

/// What K of N officers must agree to before it happens. Numbers stand in signed statements for good.
enum class Deed : std::uint8_t {
    issue = 1, renew = 2, reinject = 3, set_grant = 4, rotate = 5, destroy_version = 6, backup = 7, restore = 8, unblock = 9,
    replace_platform = 10, change_quorum = 11, revoke = 12, publish_crl = 13, retention = 14, recover_meter = 15, destroy = 16,
    add_master = 17, issue_account = 19, request_certificate = 20, enable_account = 21, reset_account = 22,
    bind_account = 25, hold_ceremony = 26,
};
/// "issue", "set-grant", ...: for programs.
std::string_view name(Deed) noexcept;
/// "issue a UKEY", "set the grant of a UKEY", ...: for people.
std::string_view phrase(Deed) noexcept;
/// By its name. invalid_argument: no deed has it.
base::Result<Deed> parse_deed(std::string_view name);
/// malformed: no such number.
base::Result<Deed> deed_from(std::uint64_t number);

/// What people are told before K becomes N; empty while K is less.
std::string caution(unsigned needed, std::size_t officers);

/// One of the N. A person counts once, however many UKEYs they carry.
struct Officer {
    base::UkeySerial ukey;
    std::string holder;
    base::Bytes identity;  ///< SubjectPublicKeyInfo (DER) of the key that approves
    bool operator==(const Officer&) const = default;
};

/// Who must agree: `needed` of `officers`. A statement signed by the master-control UKEY over encode(), purpose `quorum`.
struct Quorum {
    base::UkeySerial home;         ///< the platform UKEY it is for
    std::uint32_t generation = 0;  ///< rises whenever officers or K change; shares of another generation open nothing
    unsigned needed = 0;           ///< K
    std::vector<Officer> officers; ///< by serial

    static constexpr std::size_t kMostOfficers = 16;

    base::Bytes encode() const;
    /// malformed: anything that encode() would not have written.
    static base::Result<Quorum> decode(base::ByteView bytes);
    /// ok, or invalid_argument: K from 2 to N, N at most 16, no serial or holder twice.
    base::Status validate() const;
    /// Null: no officer of this quorum.
    const Officer* find(const base::UkeySerial& ukey) const noexcept;
    bool operator==(const Quorum&) const = default;
};

/// What somebody asks the officers to approve: exactly what will happen, in named terms. Nothing that is not in it can be done with it. Where one
/// person holds the master-control UKEY nobody is asked: that UKEY signs the same before it is done (purpose `deed`).
struct ApprovalRequest {
    std::uint64_t number = 0;      ///< unique on its platform; rises
    base::UkeySerial home;
    std::uint32_t generation = 0;  ///< of the quorum that is asked; 0: none is, the master-control UKEY signs
    Deed deed{};
    std::string by;                ///< who asked
    base::Millis made = 0;
    base::Millis expires = 0;
    std::map<std::string, std::string> terms;  ///< name to value, text or bytes, as the deed's own code reads them

    static constexpr std::size_t kMostTerms = 32;
    static constexpr std::size_t kLongestTerm = 32768;
    static constexpr base::Millis kLife = base::kDay;

    /// Canonical bytes, version 1: the fields in the order above, big-endian; terms after a 2-byte count, in the order of their names.
    base::Bytes encode() const;
    static base::Result<ApprovalRequest> decode(base::ByteView bytes);
    base::Status validate() const;
    /// The value of a term, or empty.
    const std::string& term(const std::string& name) const;
    bool operator==(const ApprovalRequest&) const = default;
};

/// What one officer says to a request.
struct Vote {
    base::UkeySerial officer;
    bool agrees = false;
    base::Bytes signature;  ///< raw ECDSA by the officer's identity key, purpose `approval`, over vote_statement
};
/// 01, 1 or 0, the request's canonical bytes.
base::Bytes vote_statement(base::ByteView request, bool agrees);

/// Votes as rows and files keep them.
base::Bytes encode_votes(const std::vector<Vote>& votes);
/// malformed.
base::Result<std::vector<Vote>> decode_votes(base::ByteView bytes);

/// What an officer does alone, without a request: a length and its name ("narrow-grant", "suspend"), then what it is about. Purpose `act`.
base::Bytes act_statement(std::string_view what, base::ByteView subject);

/// How far a request is. The votes' signatures were checked already.
enum class Standing : std::uint8_t { waiting, approved, rejected, expired, voided };
std::string_view name(Standing) noexcept;
/// One rejection ends it, and so does a change of the quorum. A vote of somebody who is no officer does not count.
Standing standing(const ApprovalRequest& request, const std::vector<Vote>& votes, const Quorum& quorum, base::Millis now);
/// Distinct holders among the officers who agree.
unsigned agreeing(const std::vector<Vote>& votes, const Quorum& quorum);

}  // namespace model
