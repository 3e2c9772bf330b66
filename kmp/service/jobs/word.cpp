#include "kmp/service/jobs/word.h"

namespace kmp::service {

using audit::Field;

audit::Event SignedDeed::event(const Job& job, std::string_view what) const {
    audit::Event out(audit::EventType::deed_signed);
    job.describe(out);
    out.text(Field::ukey, master.text()).bytes(Field::statement, statement).bytes(Field::signature, signature).text(Field::detail, what);
    return out;
}

base::Result<SignedDeed> sign_deed(tokens::Token& token, const base::UkeySerial& master, model::ApprovalRequest deed) {
    deed.generation = 0;
    deed.expires = deed.made + model::ApprovalRequest::kLife;
    KMP_CHECK(deed.validate());
    SignedDeed out{master, deed.encode(), {}};
    KMP_TRY(out.signature, token.sign_statement("deed", out.statement));
    return out;
}

}  // namespace kmp::service
