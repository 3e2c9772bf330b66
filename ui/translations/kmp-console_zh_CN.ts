<?xml version="1.0" encoding="utf-8"?>
<!DOCTYPE TS>
<TS version="2.1" language="zh_CN" sourcelanguage="en">
<context>
    <name>alarms</name>
    <message>
        <source>Sign one with the master-control UKEY.</source>
        <translation>请用主控UKEY签发。</translation>
    </message>
    <message>
        <source>Sign a new one with master-control UKEY %1.</source>
        <translation>请用主控UKEY %1 签发新列表。</translation>
    </message>
    <message>
        <source>There is no revocation list.</source>
        <translation>尚无吊销列表。</translation>
    </message>
    <message>
        <source>Nobody can check certificates.</source>
        <translation>证书状态无从核查。</translation>
    </message>
    <message>
        <source>The revocation list ran out on %1.</source>
        <translation>吊销列表已于 %1 到期。</translation>
    </message>
    <message>
        <source>Others refuse every certificate until there is a new one.</source>
        <translation>新列表发布之前，其他系统拒绝一切证书。</translation>
    </message>
    <message>
        <source>The revocation list does not say what has happened to UKEYs since.</source>
        <translation>吊销列表未反映 UKEY 此后的状态变更。</translation>
    </message>
    <message>
        <source>Others may still take a UKEY that is suspended or revoked.</source>
        <translation>其他系统可能仍接受已暂停或已吊销的 UKEY。</translation>
    </message>
    <message>
        <source>The revocation list runs out on %1.</source>
        <translation>吊销列表将于 %1 到期。</translation>
    </message>
    <message>
        <source>After that others refuse every certificate.</source>
        <translation>到期后其他系统将拒绝一切证书。</translation>
    </message>
    <message>
        <source>The revocation list is not published.</source>
        <translation>吊销列表未能发布。</translation>
    </message>
    <message>
        <source>Others do not see the newest one. The administrator mends the reason; then sign one anew.</source>
        <translation>其他系统看不到最新列表。请管理员排除原因，然后重新签发。</translation>
    </message>
    <message>
        <source>Secrets could not all be locked into memory.</source>
        <translation>敏感数据未能全部锁定在内存中。</translation>
    </message>
    <message>
        <source>They may be written to the disk. The administrator raises LimitMEMLOCK of the service.</source>
        <translation>可能被写入磁盘。请管理员调高服务的 LimitMEMLOCK。</translation>
    </message>
    <message>
        <source>The disk of the log is nearly full.</source>
        <translation>日志所在磁盘将满。</translation>
    </message>
    <message>
        <source>%1 are free. When it is full nothing is signed: the administrator frees some space before.</source>
        <translation>可用 %1。写满后不进行任何签名：请管理员提前腾出空间。</translation>
    </message>
    <message>
        <source>The platform UKEY ends on %1.</source>
        <translation>平台UKEY将于 %1 到期。</translation>
    </message>
    <message>
        <source>After that the platform does not work. The administrator puts another in its place before, with the master-control UKEY.</source>
        <translation>到期后平台无法工作。请管理员在此之前用主控UKEY更换平台UKEY。</translation>
    </message>
    <message>
        <source>No checkpoint for %1.</source>
        <translation>已有 %1未签署检查点。</translation>
    </message>
    <message>
        <source>Nobody outside could tell if what was logged since were changed. See whether the platform UKEY is plugged in, and sign a checkpoint below.</source>
        <translation>此后的日志如被更改，外部无法发现。请检查平台UKEY是否已插入，并在下方签署检查点。</translation>
    </message>
    <message>
        <source>The service&apos;s clock is behind the log&apos;s last event, of %1.</source>
        <translation>服务时钟早于日志最后事件的时间（%1）。</translation>
    </message>
    <message>
        <source>Time stands still in the log until the clock is past that. The administrator sets the clock right.</source>
        <translation>时钟越过该时间之前，日志时间停止不前。请管理员校正时钟。</translation>
    </message>
    <message>
        <source>The log cannot be written.</source>
        <translation>日志无法写入。</translation>
    </message>
    <message>
        <source>Nothing is signed until it can; the service goes on by itself then.</source>
        <translation>日志可写入之前不进行任何签名；可写入后服务自动恢复。</translation>
    </message>
    <message>
        <source>What was archived of the log is not what the log says.</source>
        <translation>归档内容与日志记载不符。</translation>
    </message>
    <message>
        <source>Nothing more is archived. Change nothing, and tell the auditor.</source>
        <translation>已停止归档。请勿作任何更改，并告知审计员。</translation>
    </message>
    <message>
        <source>Searches of the log are slow.</source>
        <translation>日志搜索缓慢。</translation>
    </message>
    <message>
        <source>Their index cannot be kept. The administrator mends the reason.</source>
        <translation>搜索索引无法保存。请管理员排除原因。</translation>
    </message>
    <message>
        <source>The standby machine gets nothing more.</source>
        <translation>备机同步已停止。</translation>
    </message>
    <message>
        <source>What is sold now would be lost with this machine. The administrator mends the reason; it goes on by itself then.</source>
        <translation>如本机损毁，当前的售电记录将随之丢失。请管理员排除原因，之后自动恢复同步。</translation>
    </message>
    <message>
        <source>No standby machine can take over yet.</source>
        <translation>备机尚不能接管。</translation>
    </message>
    <message>
        <source>The database is being copied for it.</source>
        <translation>正在为备机复制数据库。</translation>
    </message>
    <message>
        <source>The standby machine is %1 behind.</source>
        <translation>备机落后 %1。</translation>
    </message>
    <message>
        <source>What it does not have would be lost with this machine. The administrator sees to what carries %1.</source>
        <translation>如本机损毁，备机尚未收到的数据将随之丢失。请管理员检查文件夹 %1 的传送。</translation>
    </message>
    <message>
        <source>Checkpoints do not get to their folder.</source>
        <translation>检查点未能送达存放文件夹。</translation>
    </message>
    <message>
        <source>They prove nothing outside while they stay on this machine. The administrator mends the reason; they follow by themselves then.</source>
        <translation>检查点仅留在本机时，对外不具证明作用。请管理员排除原因，之后自动补送。</translation>
    </message>
    <message>
        <source>Checkpoints are not signed by the witness %1.</source>
        <translation>见证方 %1 未联署检查点。</translation>
    </message>
    <message>
        <source>It does not vouch for the newest part of the log. The administrator mends the reason; they follow by themselves then.</source>
        <translation>日志最新部分未获其见证。请管理员排除原因，之后自动补送。</translation>
    </message>
    <message>
        <source>Station %1 is held for an unusual burst of sales.</source>
        <translation>售电网点 %1 因短时售电异常已冻结。</translation>
    </message>
    <message>
        <source>It sells nothing until an officer has looked at it and lets it sell again.</source>
        <translation>安全官核实并解冻之前停止售电。</translation>
    </message>
    <message>
        <source>Master-control UKEY %1 lacks masters that another has.</source>
        <translation>主控UKEY %1 缺少另一主控UKEY持有的主密钥。</translation>
    </message>
    <message>
        <source>It could not take the other&apos;s place. Plug both in, and give it the new masters.</source>
        <translation>不能代替另一主控UKEY。请同时插入两者，并注入新主密钥。</translation>
    </message>
    <message>
        <source>Master-control UKEY %1 still opens with what former officers had.</source>
        <translation>主控UKEY %1 仍可用前任安全官的份额打开。</translation>
    </message>
    <message>
        <source>Plug it in, and run the next request that is approved: it follows then.</source>
        <translation>请插入该 UKEY 并执行下一项已批准的申请，届时自动更新。</translation>
    </message>
    <message numerus="yes">
        <source>%n UKEY(s) will end soon.</source>
        <translation>
            <numerusform>%n 个 UKEY 即将到期。</numerusform>
        </translation>
    </message>
    <message>
        <source>The first is %1, on %2. Renew it while its holder can come.</source>
        <translation>最早到期的是 %1（%2）。请在持有人能够到场时续期。</translation>
    </message>
    <message>
        <source>No backup was ever made.</source>
        <translation>从未备份。</translation>
    </message>
    <message>
        <source>If this machine is lost, so are the log and all that was sold.</source>
        <translation>如本机损毁，日志和全部售电记录将随之丢失。</translation>
    </message>
    <message>
        <source>The last backup was made on %1.</source>
        <translation>最近备份日期为 %1。</translation>
    </message>
    <message>
        <source>What happened since would be lost with this machine.</source>
        <translation>如本机损毁，此后的记录将随之丢失。</translation>
    </message>
    <message>
        <source>The service sealed itself, or does not open.</source>
        <translation>服务已自行封存，或无法启封。</translation>
    </message>
    <message>
        <source>See to the reason before it is unsealed.</source>
        <translation>启封之前请先排除原因。</translation>
    </message>
    <message>
        <source>Request %1 asks for a new one: officers approve and run it.</source>
        <translation>申请 %1 正请求发布新列表：由安全官审批并执行。</translation>
    </message>
    <message>
        <source>Ask for a new one: officers decide on it.</source>
        <translation>请提交发布新列表的申请，由安全官审批。</translation>
    </message>
    <message numerus="yes">
        <source>%n more warning(s)</source>
        <translation><numerusform>另有 %n 条警告</numerusform></translation>
    </message>
    <message>
        <source>&apos;kmpctl status&apos; lists them all.</source>
        <translation>“kmpctl status”列出全部警告。</translation>
    </message>
</context>
<context>
    <name>approvals</name>
    <message>
        <source>%1: %2</source>
        <translation>%1：%2</translation>
    </message>
    <message>
        <source>New PIN of UKEY %1</source>
        <translation>UKEY %1 新 PIN</translation>
    </message>
    <message>
        <source>PIN of UKEY %1</source>
        <translation>UKEY %1 PIN</translation>
    </message>
    <message>
        <source>New password of account %1</source>
        <translation>账户 %1 新口令</translation>
    </message>
    <message>
        <source>Caution</source>
        <translation>注意</translation>
    </message>
    <message>
        <source>Account</source>
        <translation>账户</translation>
    </message>
    <message>
        <source>New password for account</source>
        <translation>重置口令的账户</translation>
    </message>
    <message>
        <source>UKEY</source>
        <translation>UKEY</translation>
    </message>
    <message>
        <source>Kind</source>
        <translation>类型</translation>
    </message>
    <message>
        <source>Step</source>
        <translation>操作</translation>
    </message>
    <message>
        <source>Holder</source>
        <translation>持有人</translation>
    </message>
    <message>
        <source>In reader</source>
        <translation>插槽</translation>
    </message>
    <message>
        <source>Version</source>
        <translation>版本</translation>
    </message>
    <message>
        <source>Up to version</source>
        <translation>截至版本</translation>
    </message>
    <message>
        <source>New masters of class</source>
        <translation>生成新主密钥的类别</translation>
    </message>
    <message>
        <source>Masters</source>
        <translation>主密钥</translation>
    </message>
    <message>
        <source>Meters lost</source>
        <translation>将失去密钥的电表</translation>
    </message>
    <message>
        <source>Meter</source>
        <translation>电表</translation>
    </message>
    <message>
        <source>For days</source>
        <translation>有效天数</translation>
    </message>
    <message>
        <source>Folder</source>
        <translation>文件夹</translation>
    </message>
    <message>
        <source>Officers who go</source>
        <translation>离任安全官</translation>
    </message>
    <message>
        <source>Officers who come</source>
        <translation>新任安全官</translation>
    </message>
    <message>
        <source>Officers who stay</source>
        <translation>留任安全官</translation>
    </message>
    <message>
        <source>How many must agree</source>
        <translation>须同意人数</translation>
    </message>
    <message>
        <source>Grant</source>
        <translation>授权</translation>
    </message>
    <message>
        <source>Terms of the account</source>
        <translation>账户条款</translation>
    </message>
    <message>
        <source>Retention</source>
        <translation>保存期限</translation>
    </message>
    <message>
        <source>Days in the live log</source>
        <translation>在线日志天数</translation>
    </message>
    <message>
        <source>Days that segments are kept</source>
        <translation>归档段保存天数</translation>
    </message>
    <message>
        <source>Subject</source>
        <translation>证书主体</translation>
    </message>
    <message>
        <source>Key (SHA-256)</source>
        <translation>密钥（SHA-256）</translation>
    </message>
    <message>
        <source>Valid until</source>
        <translation>有效期至</translation>
    </message>
    <message>
        <source>PIN</source>
        <translation>PIN</translation>
    </message>
    <message>
        <source>Password</source>
        <translation>口令</translation>
    </message>
    <message>
        <source>Reason</source>
        <translation>原因</translation>
    </message>
    <message>
        <source>, </source>
        <translation>、</translation>
    </message>
    <message>
        <source>none</source>
        <translation>无</translation>
    </message>
    <message>
        <source>version %1</source>
        <translation>版本 %1</translation>
    </message>
    <message>
        <source>meter %1</source>
        <translation>电表 %1</translation>
    </message>
    <message>
        <source>%1 of %2 officers agree</source>
        <translation>%1/%2 人同意</translation>
    </message>
    <message numerus="yes">
        <source>%n more officer(s) must agree.</source>
        <translation>
            <numerusform>还须 %n 名安全官同意。</numerusform>
        </translation>
    </message>
    <message>
        <source>Until %1. Each of them plugs in their UKEY and chooses Approve.</source>
        <translation>截止 %1。请各安全官插入本人 UKEY 后点击“同意”。</translation>
    </message>
    <message>
        <source>The officers&apos; shares are kept for some minutes only.</source>
        <translation>安全官份额仅保留数分钟。</translation>
    </message>
    <message>
        <source>The officers&apos; shares are kept for %1:%2 more.</source>
        <translation>安全官份额还将保留 %1:%2。</translation>
    </message>
    <message>
        <source>It is approved and can be run now.</source>
        <translation>已批准，现在可以执行。</translation>
    </message>
    <message>
        <source>It is approved, but %1 of %2 shares are at hand.</source>
        <translation>已批准，但仅有 %1/%2 个份额可用。</translation>
    </message>
    <message>
        <source>Shares are kept for ten minutes. Officers who agreed approve again, with their UKEYs, and then it can be run.</source>
        <translation>份额保留十分钟。请已同意的安全官用本人 UKEY 再次同意，之后即可执行。</translation>
    </message>
    <message>
        <source>It was rejected.</source>
        <translation>已被否决。</translation>
    </message>
    <message>
        <source>Nothing was done. Whoever still wants it asks anew.</source>
        <translation>未执行任何操作。如仍需要，请重新申请。</translation>
    </message>
    <message>
        <source>Its time is over.</source>
        <translation>申请已过期。</translation>
    </message>
    <message>
        <source>It is void: the officers changed.</source>
        <translation>申请已作废：安全官已变更。</translation>
    </message>
    <message>
        <source>It was done.</source>
        <translation>已执行。</translation>
    </message>
    <message>
        <source>It failed.</source>
        <translation>执行失败。</translation>
    </message>
    <message>
        <source>Request %1 is done: %2.</source>
        <translation>申请 %1 已执行：%2。</translation>
    </message>
    <message>
        <source>%1 %2 is made for %3.</source>
        <translation>%1 %2 已为 %3 制作。</translation>
    </message>
    <message>
        <source>Its holder changes the PIN before the first use.</source>
        <translation>持有人首次使用前须更改 PIN。</translation>
    </message>
    <message>
        <source>UKEY %1 is %2 now.</source>
        <translation>UKEY %1 现为：%2。</translation>
    </message>
    <message>
        <source>Account %1 is %2.</source>
        <translation>账户 %1 现为：%2。</translation>
    </message>
    <message>
        <source>Its holder changes the password before the first use.</source>
        <translation>持有人首次使用前须更改口令。</translation>
    </message>
    <message>
        <source>Version %1 is gone from the master-control UKEY.</source>
        <translation>版本 %1 已从主控UKEY中销毁。</translation>
    </message>
    <message>
        <source>Give version %1 to the UKEYs that lack it, then to the meters: the page Keys shows how far that is.</source>
        <translation>请将版本 %1 注入尚缺的 UKEY，再更新到电表；进度见“密钥”页。</translation>
    </message>
    <message>
        <source>The backup is in %1: %2 events, SHA-256 of the database %3. Carry it away.</source>
        <translation>备份在 %1：%2 条事件，数据库 SHA-256 为 %3。请移至他处保管。</translation>
    </message>
    <message>
        <source>Meter %1 may download its keys until %2.</source>
        <translation>电表 %1 可在 %2 前下装密钥。</translation>
    </message>
    <message>
        <source>%1 of %2 officers must agree now. Requests that waited are void.</source>
        <translation>今后须 %2 名安全官中的 %1 名同意。原待审批申请已作废。</translation>
    </message>
    <message>
        <source>Revocation list %1 holds until %2.</source>
        <translation>吊销列表 %1 有效期至 %2。</translation>
    </message>
    <message>
        <source>Approve request %1</source>
        <translation>同意申请 %1</translation>
    </message>
    <message>
        <source>Reject request %1</source>
        <translation>否决申请 %1</translation>
    </message>
    <message>
        <source>Approve</source>
        <translation>同意</translation>
    </message>
    <message>
        <source>Reject</source>
        <translation>否决</translation>
    </message>
    <message>
        <source>Your UKEY signs exactly this. Its share of the master-control UKEY&apos;s PIN is kept for ten minutes.</source>
        <translation>安全官UKEY将对以上内容签名。其持有的主控UKEY PIN 份额保留十分钟。</translation>
    </message>
    <message>
        <source>One officer&apos;s no ends the request for good.</source>
        <translation>任一安全官否决，申请即终止。</translation>
    </message>
    <message>
        <source>Request %1 is rejected.</source>
        <translation>申请 %1 已否决。</translation>
    </message>
    <message>
        <source>Run request %1</source>
        <translation>执行申请 %1</translation>
    </message>
    <message>
        <source>Run</source>
        <translation>执行</translation>
    </message>
    <message>
        <source>This cannot be taken back.</source>
        <translation>此操作不可撤销。</translation>
    </message>
    <message>
        <source>Rather put another in this one&apos;s place: “Change the officers” on the page Approvals.</source>
        <translation>建议改为换人：在“审批”页点击“变更安全官”。</translation>
    </message>
    <message>
        <source>%1 of the officers must agree, and only %2 would be left: nothing could be decided any more.</source>
        <translation>须 %1 名安全官同意，而只会剩下 %2 名：此后将无法审批任何操作。</translation>
    </message>
    <message>
        <source>Only %1 officers would be left, and all of them must agree: one more lost UKEY would end everything.</source>
        <translation>只会剩下 %1 名安全官，且须全部同意：再丢失一个 UKEY 就无法挽回。</translation>
    </message>
    <message>
        <source>Suspend a UKEY</source>
        <translation>暂停 UKEY</translation>
    </message>
    <message>
        <source>Resume a UKEY</source>
        <translation>恢复 UKEY</translation>
    </message>
    <message>
        <source>Report a UKEY lost</source>
        <translation>挂失 UKEY</translation>
    </message>
</context>
<context>
    <name>batch</name>
    <message>
        <source>%1 fields, and %2 columns</source>
        <translation>有 %1 个字段，应为 %2 列</translation>
    </message>
    <message>
        <source>It is for a %1: issue those in a list of their own.</source>
        <translation>此行为%1：请另列清单签发。</translation>
    </message>
    <message>
        <source>the list</source>
        <translation>清单</translation>
    </message>
    <message>
        <source>The list has more than %1 rows.</source>
        <translation>清单超过 %1 行。</translation>
    </message>
    <message>
        <source>The same holder and station stand in an earlier row.</source>
        <translation>与前面某行的持有人和网点相同。</translation>
    </message>
</context>
<context>
    <name>belief</name>
    <message>
        <source>the log is not the one that is known here</source>
        <translation>日志与本机已知的日志不一致</translation>
    </message>
    <message>
        <source>Until it is explained, UKEYs can be suspended, reported lost and revoked from here, accounts disabled, requests rejected, and the platform sealed and unsealed; nothing else.</source>
        <translation>查明原因之前，此处只能暂停、挂失、吊销 UKEY，停用账户，否决申请，以及封存、启封平台。</translation>
    </message>
</context>
<context>
    <name>caller</name>
    <message>
        <source>root on this computer</source>
        <translation>本机 root</translation>
    </message>
    <message>
        <source>user %1 of this computer</source>
        <translation>本机用户（ID %1）</translation>
    </message>
    <message>
        <source>%1 on this computer</source>
        <translation>本机用户 %1</translation>
    </message>
</context>
<context>
    <name>ceremony</name>
    <message>
        <source>platform UKEY</source>
        <translation>平台UKEY</translation>
    </message>
    <message>
        <source>master-control UKEY</source>
        <translation>主控UKEY</translation>
    </message>
    <message>
        <source>officer UKEY of %1</source>
        <translation>%1 的安全官UKEY</translation>
    </message>
    <message>
        <source>Give the utility&apos;s name.</source>
        <translation>请填写供电公司名称。</translation>
    </message>
    <message>
        <source>The name is too long: it has at most 64 bytes.</source>
        <translation>名称过长：最多 64 字节。</translation>
    </message>
    <message>
        <source>Give every officer&apos;s name.</source>
        <translation>请填写每名安全官的姓名。</translation>
    </message>
    <message>
        <source>%1 stands there twice: one person counts once.</source>
        <translation>%1 重复：同一人只计一次。</translation>
    </message>
    <message>
        <source>At least 2 must agree, and no more than there are.</source>
        <translation>须同意人数至少为 2，且不超过安全官人数。</translation>
    </message>
    <message>
        <source>Plug in a blank UKEY that becomes the %1, and choose it.</source>
        <translation>请插入用作%1的空白UKEY并选中。</translation>
    </message>
    <message>
        <source>The platform of %1 is set up. Its day begins at midnight of UTC%2, for good.</source>
        <translation>初始化 %1 的平台。日界固定为 UTC%2 的零点，不可更改。</translation>
    </message>
    <message>
        <source>The blank UKEY in reader %1 becomes the %2.</source>
        <translation>插槽 %1 中的空白UKEY将成为%2。</translation>
    </message>
    <message>
        <source>Nobody will know the PIN of the master-control UKEY: %1 of %2 officers open it together.</source>
        <translation>无人知晓主控UKEY的 PIN：由 %2 名安全官中的 %1 名共同打开。</translation>
    </message>
    <message>
        <source>The keys of the meters are drawn inside the master-control UKEY, and the log begins.</source>
        <translation>在主控UKEY内生成电表密钥，日志由此起始。</translation>
    </message>
    <message>
        <source>Choose who holds the master-control UKEY.</source>
        <translation>请选择主控UKEY由谁保管。</translation>
    </message>
</context>
<context>
    <name>fields</name>
    <message>
        <source>By</source>
        <translation>操作者</translation>
    </message>
    <message>
        <source>Unix user</source>
        <translation>Unix 用户</translation>
    </message>
    <message>
        <source>Process</source>
        <translation>进程</translation>
    </message>
    <message>
        <source>Session</source>
        <translation>会话</translation>
    </message>
    <message>
        <source>Holder</source>
        <translation>持有人</translation>
    </message>
    <message>
        <source>Happened at</source>
        <translation>发生时间</translation>
    </message>
    <message>
        <source>Request</source>
        <translation>请求</translation>
    </message>
    <message>
        <source>UKEY</source>
        <translation>UKEY</translation>
    </message>
    <message>
        <source>Kind of UKEY</source>
        <translation>UKEY 类型</translation>
    </message>
    <message>
        <source>State before</source>
        <translation>变更前状态</translation>
    </message>
    <message>
        <source>State after</source>
        <translation>变更后状态</translation>
    </message>
    <message>
        <source>Action</source>
        <translation>动作</translation>
    </message>
    <message>
        <source>Reader</source>
        <translation>插槽</translation>
    </message>
    <message>
        <source>Serial of the token</source>
        <translation>令牌序列号</translation>
    </message>
    <message>
        <source>Fingerprint</source>
        <translation>指纹</translation>
    </message>
    <message>
        <source>Public key</source>
        <translation>公钥</translation>
    </message>
    <message>
        <source>Certificate</source>
        <translation>证书</translation>
    </message>
    <message>
        <source>Key classes</source>
        <translation>密钥类别</translation>
    </message>
    <message>
        <source>Key version</source>
        <translation>密钥版本</translation>
    </message>
    <message>
        <source>Keys</source>
        <translation>密钥状态</translation>
    </message>
    <message>
        <source>Under factory keys</source>
        <translation>用出厂密钥保护</translation>
    </message>
    <message>
        <source>Recovery</source>
        <translation>密钥恢复</translation>
    </message>
    <message>
        <source>Station</source>
        <translation>售电网点</translation>
    </message>
    <message>
        <source>Meter</source>
        <translation>电表</translation>
    </message>
    <message>
        <source>Customer</source>
        <translation>客户编号</translation>
    </message>
    <message>
        <source>Order</source>
        <translation>订单号</translation>
    </message>
    <message>
        <source>Operation</source>
        <translation>操作</translation>
    </message>
    <message>
        <source>Amount</source>
        <translation>金额</translation>
    </message>
    <message>
        <source>Count</source>
        <translation>购电次数</translation>
    </message>
    <message>
        <source>R2</source>
        <translation>R2</translation>
    </message>
    <message>
        <source>Hash of the content</source>
        <translation>内容哈希</translation>
    </message>
    <message>
        <source>Relay command</source>
        <translation>拉合闸命令</translation>
    </message>
    <message>
        <source>Genuine</source>
        <translation>校验真实</translation>
    </message>
    <message>
        <source>Count known here</source>
        <translation>平台已知购电次数</translation>
    </message>
    <message>
        <source>Hash of the data</source>
        <translation>数据哈希</translation>
    </message>
    <message>
        <source>Size of the data</source>
        <translation>数据长度</translation>
    </message>
    <message>
        <source>Grant number</source>
        <translation>授权编号</translation>
    </message>
    <message>
        <source>Grant</source>
        <translation>授权</translation>
    </message>
    <message>
        <source>Signature</source>
        <translation>签名</translation>
    </message>
    <message>
        <source>Rule</source>
        <translation>规则</translation>
    </message>
    <message>
        <source>Reason</source>
        <translation>原因</translation>
    </message>
    <message>
        <source>Code</source>
        <translation>代码</translation>
    </message>
    <message>
        <source>Outcome</source>
        <translation>结果</translation>
    </message>
    <message>
        <source>Work begun as event</source>
        <translation>操作起始事件</translation>
    </message>
    <message>
        <source>Valid until</source>
        <translation>有效期至</translation>
    </message>
    <message>
        <source>Wrong PINs</source>
        <translation>PIN 错误次数</translation>
    </message>
    <message>
        <source>Events covered</source>
        <translation>覆盖事件数</translation>
    </message>
    <message>
        <source>Root</source>
        <translation>根哈希</translation>
    </message>
    <message>
        <source>From event</source>
        <translation>起始事件</translation>
    </message>
    <message>
        <source>Log</source>
        <translation>日志</translation>
    </message>
    <message>
        <source>Utility</source>
        <translation>供电公司</translation>
    </message>
    <message>
        <source>Day begins</source>
        <translation>日界</translation>
    </message>
    <message>
        <source>Trust anchor</source>
        <translation>信任锚</translation>
    </message>
    <message>
        <source>Key of checkpoints</source>
        <translation>检查点密钥</translation>
    </message>
    <message>
        <source>Version</source>
        <translation>版本</translation>
    </message>
    <message>
        <source>Note</source>
        <translation>备注</translation>
    </message>
    <message>
        <source>Detail</source>
        <translation>详情</translation>
    </message>
    <message>
        <source>Clock before</source>
        <translation>原时钟</translation>
    </message>
    <message>
        <source>Revocation list</source>
        <translation>吊销列表</translation>
    </message>
    <message>
        <source>Officers</source>
        <translation>安全官名单</translation>
    </message>
    <message>
        <source>Request number</source>
        <translation>申请编号</translation>
    </message>
    <message>
        <source>Statement</source>
        <translation>签名声明</translation>
    </message>
    <message>
        <source>Agrees</source>
        <translation>是否同意</translation>
    </message>
    <message>
        <source>Officer</source>
        <translation>安全官</translation>
    </message>
    <message>
        <source>Account</source>
        <translation>账户</translation>
    </message>
    <message>
        <source>Statement of the account</source>
        <translation>账户声明</translation>
    </message>
    <message>
        <source>Change</source>
        <translation>变更</translation>
    </message>
    <message>
        <source>Opens by itself</source>
        <translation>自动登录</translation>
    </message>
    <message>
        <source>Kind of order</source>
        <translation>订单类型</translation>
    </message>
    <message>
        <source>Channel</source>
        <translation>渠道</translation>
    </message>
    <message>
        <source>Card</source>
        <translation>购电卡</translation>
    </message>
    <message>
        <source>Handover</source>
        <translation>交接</translation>
    </message>
    <message>
        <source>File of the card</source>
        <translation>卡文件</translation>
    </message>
    <message>
        <source>Offset</source>
        <translation>偏移</translation>
    </message>
    <message>
        <source>Data</source>
        <translation>数据</translation>
    </message>
    <message>
        <source>Erased</source>
        <translation>已清除</translation>
    </message>
    <message>
        <source>Use of the key</source>
        <translation>密钥用途</translation>
    </message>
    <message>
        <source>Data identifier</source>
        <translation>数据标识</translation>
    </message>
    <message>
        <source>Encrypted</source>
        <translation>已加密</translation>
    </message>
    <message>
        <source>Minutes</source>
        <translation>分钟数</translation>
    </message>
    <message>
        <source>Contradiction</source>
        <translation>矛盾</translation>
    </message>
    <message>
        <source>Tariffs now</source>
        <translation>当前费率</translation>
    </message>
    <message>
        <source>Tariffs to come</source>
        <translation>备用费率</translation>
    </message>
    <message>
        <source>Refusals</source>
        <translation>拒绝次数</translation>
    </message>
    <message>
        <source>First at</source>
        <translation>首次时间</translation>
    </message>
    <message>
        <source>Last at</source>
        <translation>末次时间</translation>
    </message>
    <message>
        <source>Proved by</source>
        <translation>证明方式</translation>
    </message>
    <message>
        <source>Key that was proved</source>
        <translation>已证明的密钥</translation>
    </message>
    <message>
        <source>Order made at</source>
        <translation>订单时间</translation>
    </message>
    <message>
        <source>Order&apos;s event</source>
        <translation>订单事件</translation>
    </message>
    <message>
        <source>Charged to UKEY</source>
        <translation>计入 UKEY</translation>
    </message>
    <message>
        <source>Witness</source>
        <translation>见证方</translation>
    </message>
    <message>
        <source>Days kept live</source>
        <translation>在线保存天数</translation>
    </message>
    <message>
        <source>Days kept at all</source>
        <translation>总保存天数</translation>
    </message>
    <message>
        <source>Findings</source>
        <translation>发现问题数</translation>
    </message>
    <message>
        <source>Sealed to</source>
        <translation>加密接收方</translation>
    </message>
    <message>
        <source>Deed signed as event</source>
        <translation>操作签名事件</translation>
    </message>
    <message>
        <source>Rules owed</source>
        <translation>待执行规则</translation>
    </message>
    <message>
        <source>yes</source>
        <translation>是</translation>
    </message>
    <message>
        <source>no</source>
        <translation>否</translation>
    </message>
    <message>
        <source>%1 yuan</source>
        <translation>%1 元</translation>
    </message>
    <message>
        <source> … (%1 bytes)</source>
        <translation> …（%1 字节）</translation>
    </message>
    <message>
        <source>disable</source>
        <translation>停用</translation>
    </message>
    <message>
        <source>enable</source>
        <translation>启用</translation>
    </message>
    <message>
        <source>lock</source>
        <translation>锁定</translation>
    </message>
    <message>
        <source>reset the password</source>
        <translation>重置口令</translation>
    </message>
    <message>
        <source>change the password</source>
        <translation>修改口令</translation>
    </message>
    <message>
        <source>factory</source>
        <translation>出厂</translation>
    </message>
    <message>
        <source>private</source>
        <translation>私有</translation>
    </message>
    <message>
        <source>remote</source>
        <translation>远程</translation>
    </message>
    <message>
        <source>card</source>
        <translation>购电卡</translation>
    </message>
    <message>
        <source>trip</source>
        <translation>跳闸</translation>
    </message>
    <message>
        <source>close allowed</source>
        <translation>合闸允许</translation>
    </message>
    <message>
        <source>close</source>
        <translation>直接合闸</translation>
    </message>
    <message>
        <source>alarm on</source>
        <translation>报警</translation>
    </message>
    <message>
        <source>alarm off</source>
        <translation>报警解除</translation>
    </message>
    <message>
        <source>keep-power on</source>
        <translation>保电</translation>
    </message>
    <message>
        <source>keep-power off</source>
        <translation>保电解除</translation>
    </message>
    <message>
        <source>no class</source>
        <translation>无</translation>
    </message>
    <message>
        <source>, </source>
        <translation>、</translation>
    </message>
    <message>
        <source>Checkpoint&apos;s text</source>
        <translation>检查点文本</translation>
    </message>
    <message>
        <source>the client has gone</source>
        <translation>客户端已断开</translation>
    </message>
    <message>
        <source>the client closed it</source>
        <translation>由客户端关闭</translation>
    </message>
    <message>
        <source>another session was opened</source>
        <translation>已建立另一会话</translation>
    </message>
    <message>
        <source>the service was sealed</source>
        <translation>平台已封存</translation>
    </message>
    <message>
        <source>the UKEY is not open any more</source>
        <translation>UKEY 已退出登录</translation>
    </message>
    <message>
        <source>the account has a new password</source>
        <translation>账户口令已更改</translation>
    </message>
    <message>
        <source>the account has another certificate</source>
        <translation>账户已换绑证书</translation>
    </message>
    <message>
        <source>the account was disabled</source>
        <translation>账户已停用</translation>
    </message>
    <message>
        <source>the account has expired</source>
        <translation>账户已过期</translation>
    </message>
    <message>
        <source>the auditor logged out</source>
        <translation>审计员已退出登录</translation>
    </message>
    <message>
        <source>UKEY %1 is %2</source>
        <translation>UKEY %1 %2</translation>
    </message>
    <message>
        <source>UKEY %1 has expired</source>
        <translation>UKEY %1 已过期</translation>
    </message>
    <message>
        <source>UKEY %1 was pulled out</source>
        <translation>UKEY %1 已拔出</translation>
    </message>
</context>
<context>
    <name>grant</name>
    <message>
        <source>none</source>
        <translation>无</translation>
    </message>
    <message>
        <source>every hour</source>
        <translation>全天</translation>
    </message>
    <message>
        <source>every day</source>
        <translation>每天</translation>
    </message>
    <message>
        <source>Meters: “%1” is no meter number of 12 digits, and no range of two.</source>
        <translation>电表：“%1”不是 12 位表号，也不是表号范围。</translation>
    </message>
    <message>
        <source>Meters: in “%1” the last number is below the first.</source>
        <translation>电表：“%1”中末号小于首号。</translation>
    </message>
    <message>
        <source>Meters: a grant holds %1 ranges at most.</source>
        <translation>电表：一项授权最多 %1 个范围。</translation>
    </message>
    <message>
        <source>Meters: name at least one, or choose every meter.</source>
        <translation>电表：请至少填写一个，或选择所有电表。</translation>
    </message>
    <message>
        <source>Name the station that it vends for.</source>
        <translation>请填写售电网点。</translation>
    </message>
    <message>
        <source>The station&apos;s name has 1 to 64 letters, digits, “-”, “_” and “.” only.</source>
        <translation>网点名称为 1 至 64 个字母、数字、“-”、“_”或“.”。</translation>
    </message>
    <message>
        <source>Choose at least one thing that it may do.</source>
        <translation>请至少选择一项允许的操作。</translation>
    </message>
    <message>
        <source>Choose at least one class of keys.</source>
        <translation>请至少选择一个密钥类别。</translation>
    </message>
    <message>
        <source>No order can carry more than %1 yuan.</source>
        <translation>每单不得超过 %1 元。</translation>
    </message>
    <message>
        <source>It would end before it begins.</source>
        <translation>截止时间早于起始时间。</translation>
    </message>
    <message>
        <source>It would have ended already.</source>
        <translation>截止时间已过。</translation>
    </message>
    <message>
        <source>At most %1 local users.</source>
        <translation>本机用户最多 %1 个。</translation>
    </message>
    <message>
        <source>A cap of 0 lets it sell nothing.</source>
        <translation>限额为 0 时无法售电。</translation>
    </message>
    <message>
        <source>With 0 orders a minute it can sell nothing.</source>
        <translation>每分钟 0 单时无法售电。</translation>
    </message>
    <message>
        <source>The cap of a day is below that of one order.</source>
        <translation>每日限额低于单笔限额。</translation>
    </message>
    <message>
        <source>The cap of a month is below that of a day.</source>
        <translation>每月限额低于每日限额。</translation>
    </message>
    <message>
        <source>%1: %2; before: %3</source>
        <translation>%1：%2；原为：%3</translation>
    </message>
    <message>
        <source>%1 yuan</source>
        <translation>%1 元</translation>
    </message>
    <message>
        <source>every meter</source>
        <translation>所有电表</translation>
    </message>
    <message>
        <source>Station</source>
        <translation>售电网点</translation>
    </message>
    <message>
        <source>It may</source>
        <translation>允许操作</translation>
    </message>
    <message>
        <source>Classes of keys</source>
        <translation>密钥类别</translation>
    </message>
    <message>
        <source>Meters</source>
        <translation>电表</translation>
    </message>
    <message>
        <source>Cap of an order</source>
        <translation>单笔限额</translation>
    </message>
    <message>
        <source>Cap of a day</source>
        <translation>每日限额</translation>
    </message>
    <message>
        <source>Cap of a month</source>
        <translation>每月限额</translation>
    </message>
    <message>
        <source>Orders a minute</source>
        <translation>每分钟订单数</translation>
    </message>
    <message>
        <source>Hours</source>
        <translation>时段</translation>
    </message>
    <message>
        <source>Days</source>
        <translation>星期</translation>
    </message>
    <message>
        <source>Valid from</source>
        <translation>生效时间</translation>
    </message>
    <message>
        <source>Valid until</source>
        <translation>有效期至</translation>
    </message>
    <message>
        <source>Local users without its PIN</source>
        <translation>免 PIN 本机用户</translation>
    </message>
</context>
<context>
    <name>issue</name>
    <message>
        <source>Name the person who will hold it.</source>
        <translation>请填写持有人姓名。</translation>
    </message>
    <message>
        <source>The holder&apos;s name is too long: it has at most 64 bytes.</source>
        <translation>持有人姓名过长：最多 64 字节。</translation>
    </message>
    <message>
        <source>Give the reason, for the log.</source>
        <translation>请填写原因，将记入日志。</translation>
    </message>
    <message>
        <source>The reason is too long.</source>
        <translation>原因过长。</translation>
    </message>
    <message>
        <source>The blank UKEY in reader %1 becomes a further master-control UKEY. Its holder is %2.</source>
        <translation>插槽 %1 中的空白UKEY将成为增设的主控UKEY。持有人：%2。</translation>
    </message>
    <message>
        <source>The blank UKEY in reader %1 becomes a %2. Its holder is %3.</source>
        <translation>插槽 %1 中的空白UKEY将成为%2。持有人：%3。</translation>
    </message>
    <message>
        <source>Keys of its own are made inside it, and it gets the masters that its grant names.</source>
        <translation>UKEY 内部生成自身密钥，并注入授权所列的主密钥。</translation>
    </message>
    <message>
        <source>Keys of its own are made inside it, and it gets the masters that it gives to meters.</source>
        <translation>UKEY 内部生成自身密钥，并注入向电表下装所需的主密钥。</translation>
    </message>
    <message>
        <source>It gets an issuing key of its own and everything that the first one holds: whoever opens it can do the same.</source>
        <translation>生成自身的签发密钥，并获得原主控UKEY的全部内容：能打开者权限相同。</translation>
    </message>
    <message>
        <source>It reads, checks and exports the log, and can change nothing.</source>
        <translation>可读取、核查和导出日志，不能更改任何内容。</translation>
    </message>
    <message>
        <source>It is valid until %1.</source>
        <translation>有效期至 %1。</translation>
    </message>
    <message>
        <source>Its PIN is split among the officers, as that of the first one.</source>
        <translation>与原主控UKEY一样，其 PIN 在安全官之间分割。</translation>
    </message>
    <message>
        <source>UKEY %1 is issued.</source>
        <translation>UKEY %1 已签发。</translation>
    </message>
    <message>
        <source>Pull it, label it, and put it into another safe than the first.</source>
        <translation>请拔出、贴标签，并存入与原主控UKEY不同的保险柜。</translation>
    </message>
    <message>
        <source>Pull it, label it and hand it to %1. It works at once.</source>
        <translation>请拔出、贴标签，交给 %1。可立即使用。</translation>
    </message>
    <message>
        <source>Pull it, label it and hand it to %1, and the PIN by another way. It works once its holder has changed the PIN.</source>
        <translation>请拔出、贴标签，交给 %1，PIN 另行告知。持有人更改 PIN 后即可使用。</translation>
    </message>
    <message>
        <source>For a year, until %1</source>
        <translation>有效期一年，至 %1</translation>
    </message>
    <message>
        <source>It is valid for ten years, as long as the first one&apos;s certificate at most.</source>
        <translation>有效期十年，且不超过首个主控UKEY证书的期限。</translation>
    </message>
    <message>
        <source>The PIN is typed when the request is run. Leave the UKEY in this reader until then.</source>
        <translation>PIN 在执行申请时输入。在此之前，请将 UKEY 留在此插槽中。</translation>
    </message>
    <message>
        <source>&amp;Somebody else types the PIN</source>
        <translation>他人代为输入 PIN(&amp;S)</translation>
    </message>
    <message>
        <source>Its &amp;holder, who is here, types the PIN</source>
        <translation>持有人本人（在场）输入 PIN(&amp;H)</translation>
    </message>
    <message>
        <source>It is a first PIN: tell it to the holder alone, who must change it before the UKEY works.</source>
        <translation>此为初始 PIN：只能告知持有人本人，持有人更改后 UKEY 方可使用。</translation>
    </message>
    <message>
        <source>Nobody else knows the PIN, and it stays: the UKEY works at once.</source>
        <translation>PIN 仅持有人知晓且不再更改：UKEY 可立即使用。</translation>
    </message>
</context>
<context>
    <name>keys</name>
    <message>
        <source>New masters for the classes:</source>
        <translation>生成新主密钥的类别：</translation>
    </message>
    <message>
        <source>Classes that are left out go on with the masters they have. After a lost UKEY, choose all that it held.</source>
        <translation>未选类别沿用现有主密钥。UKEY 丢失后，请选择其持有的全部类别。</translation>
    </message>
    <message>
        <source>Rotate the meters&apos; keys</source>
        <translation>轮换电表密钥</translation>
    </message>
    <message>
        <source>Rotate</source>
        <translation>轮换</translation>
    </message>
    <message>
        <source>Version %1 is made: its masters are drawn inside the master-control UKEY.</source>
        <translation>生成版本 %1：主密钥在主控UKEY内产生。</translation>
    </message>
    <message>
        <source>Meters and UKEYs go on with what they hold until they are given the new version.</source>
        <translation>电表和 UKEY 在获得新版本之前沿用现有密钥。</translation>
    </message>
    <message>
        <source>Make a backup before, if the last one is old.</source>
        <translation>如最近一次备份已久，请先备份。</translation>
    </message>
    <message>
        <source>Choose at least one class.</source>
        <translation>请至少选择一个类别。</translation>
    </message>
    <message>
        <source>There is version %1. Give it to the UKEYs that lack it, then to the meters.</source>
        <translation>版本 %1 已生成。请先注入尚缺的 UKEY，再更新到电表。</translation>
    </message>
    <message>
        <source>Destroy version %1 of the meters&apos; keys</source>
        <translation>销毁电表密钥版本 %1</translation>
    </message>
    <message>
        <source>Destroy</source>
        <translation>销毁</translation>
    </message>
    <message>
        <source>Its masters go from the master-control UKEY for good, but for those that other versions use.</source>
        <translation>其主密钥从主控UKEY中永久销毁，其他版本仍在使用的除外。</translation>
    </message>
    <message>
        <source>UKEYs that were given them keep theirs until they are erased.</source>
        <translation>已注入的 UKEY 仍保留这些主密钥，直至被擦除。</translation>
    </message>
    <message>
        <source>No meter is known to hold it. It cannot be taken back.</source>
        <translation>没有已知电表持有此版本。此操作不可撤销。</translation>
    </message>
    <message>
        <source>%1 meters hold it. They can be recharged and recovered no more. It cannot be taken back.</source>
        <translation>%1 块电表持有此版本，将无法再充值和恢复密钥。此操作不可撤销。</translation>
    </message>
    <message>
        <source>I accept that %1 meters are lost</source>
        <translation>确认接受 %1 块电表失去密钥</translation>
    </message>
    <message>
        <source>Give these meters the newest keys first, or accept that they are lost.</source>
        <translation>请先将这些电表更新到最新密钥，或确认接受损失。</translation>
    </message>
    <message>
        <source>PIN of the other master-control UKEY</source>
        <translation>另一主控UKEY PIN</translation>
    </message>
    <message>
        <source>Version %1 is gone from the master-control UKEY.</source>
        <translation>版本 %1 已从主控UKEY中销毁。</translation>
    </message>
    <message>
        <source>For how many days</source>
        <translation>有效天数</translation>
    </message>
    <message>
        <source>Let meter %1 download its keys once more</source>
        <translation>允许电表 %1 再次下装密钥</translation>
    </message>
    <message>
        <source>Allow</source>
        <translation>允许</translation>
    </message>
    <message>
        <source>For a meter that stands in factory state again: a new board, or a reset.</source>
        <translation>适用于因更换电路板或复位而回到出厂状态的电表。</translation>
    </message>
    <message>
        <source>One engineer downloads its private keys under the factory keys, on a controlled line.</source>
        <translation>由一名工程师在受控线路上，用出厂密钥保护下装其私有密钥。</translation>
    </message>
    <message>
        <source>Its account and its purchase count stay as they are.</source>
        <translation>其账户和购电次数保持不变。</translation>
    </message>
    <message>
        <source>Whoever listens on the line and knows the factory keys can read this meter&apos;s private keys.</source>
        <translation>凡监听线路且知道出厂密钥者，均可读出此电表的私有密钥。</translation>
    </message>
    <message>
        <source>It is allowed until %1.</source>
        <translation>允许至 %1。</translation>
    </message>
    <message>
        <source>New folder</source>
        <translation>新文件夹</translation>
    </message>
    <message>
        <source>The whole path, on the machine of the service. It must not be there yet; the folder around it must.</source>
        <translation>服务所在机器上的完整路径。该文件夹须尚不存在，其上级文件夹须已存在。</translation>
    </message>
    <message>
        <source>Make a backup</source>
        <translation>备份</translation>
    </message>
    <message>
        <source>Back up</source>
        <translation>备份</translation>
    </message>
    <message>
        <source>The database is copied as it stands, encrypted, with what a restore needs beside it.</source>
        <translation>以加密形式原样复制数据库，并附恢复所需内容。</translation>
    </message>
    <message>
        <source>Stations go on meanwhile.</source>
        <translation>备份期间售电不中断。</translation>
    </message>
    <message>
        <source>It opens with a master-control UKEY and whoever opens that, and with nothing else.</source>
        <translation>备份只能由主控UKEY及有权打开者打开。</translation>
    </message>
    <message>
        <source>Write where the backup is to be made.</source>
        <translation>请填写备份位置。</translation>
    </message>
    <message>
        <source>Write the whole path: it begins with /.</source>
        <translation>请填写以 / 开头的完整路径。</translation>
    </message>
    <message>
        <source>The backup is in %1: %2 events.
SHA-256 of the database: %3
Carry it away, and its checkpoint apart from it. Try a restore on another machine now and then.</source>
        <translation>备份在 %1：%2 条事件。
数据库 SHA-256：%3
请移至他处保管，检查点另行存放。请不时在另一台机器上试行恢复。</translation>
    </message>
    <message>
        <source>Publish a new revocation list</source>
        <translation>发布新吊销列表</translation>
    </message>
    <message>
        <source>Publish</source>
        <translation>发布</translation>
    </message>
    <message>
        <source>The list of before stays good until its own end.</source>
        <translation>原列表在到期前仍有效。</translation>
    </message>
    <message>
        <source>List %1 of %2 holds until %3.</source>
        <translation>%2 的第 %1 号列表有效期至 %3。</translation>
    </message>
    <message>
        <source>A new list was published.</source>
        <translation>新列表已发布。</translation>
    </message>
    <message>
        <source>The master-control UKEY signs a new list of all revoked certificates.</source>
        <translation>由主控UKEY签发新的证书吊销列表。</translation>
    </message>
</context>
<context>
    <name>pages</name>
    <message>
        <source>Home</source>
        <translation>首页</translation>
    </message>
    <message>
        <source>UKEYs</source>
        <translation>UKEY</translation>
    </message>
    <message>
        <source>Approvals</source>
        <translation>审批</translation>
    </message>
    <message>
        <source>Keys</source>
        <translation>密钥</translation>
    </message>
    <message>
        <source>Stations and accounts</source>
        <translation>网点和账户</translation>
    </message>
    <message>
        <source>Log</source>
        <translation>日志</translation>
    </message>
    <message>
        <source>Reports</source>
        <translation>报告</translation>
    </message>
</context>
<context>
    <name>proof</name>
    <message>
        <source>Change nothing and have the service sealed; keep what was shown or given to you, your exports and your checkpoints. The auditors&apos; handbook says in section 10 what comes next.</source>
        <translation>请勿作任何更改并封存服务；请保留所见或所得的内容、导出文件和检查点。后续处理见审计员手册第 10 节。</translation>
    </message>
    <message>
        <source>Either the receipt is wrong, or the log was changed or set back since. Look where you have the receipt from. If it is right, it is evidence against the log:</source>
        <translation>要么回执有误，要么日志此后被更改或回退。请核实回执来源。如回执无误，即为日志被改的证据：</translation>
    </message>
    <message>
        <source>It cannot be checked with this key.</source>
        <translation>不能用此公钥核验。</translation>
    </message>
    <message>
        <source>That says nothing about the event, neither yes nor no: somebody may have made the proof up.</source>
        <translation>对该事件既未证实，也未否定：证明可能是伪造的。</translation>
    </message>
    <message>
        <source>This is a proof of growth, not of an event.</source>
        <translation>这是增长证明，不是事件证明。</translation>
    </message>
    <message>
        <source>It shows that a log only grew between two checkpoints: check this under Reports, Compare. It says nothing about any one event.</source>
        <translation>它说明日志在两个检查点之间只有增加：请在“报告”的“比对”中核验。它不说明任何单个事件。</translation>
    </message>
    <message>
        <source>What was put in is no key of checkpoints, or not all of one.</source>
        <translation>所填内容不是检查点公钥，或不完整。</translation>
    </message>
    <message>
        <source>It is signed as the log %1, under another key than the one that is used here, which is of %2. Where the platform UKEY was replaced, it takes the key of that time as well.</source>
        <translation>其签名属于日志 %1，所用公钥与此处使用的 %2 的公钥不同。如更换过平台UKEY，还需当时的公钥。</translation>
    </message>
    <message>
        <source>kmp-audit did not say what it checked.</source>
        <translation>kmp-audit 未说明核验内容。</translation>
    </message>
    <message>
        <source>Event %1. The proof has its leaf hash alone: %2</source>
        <translation>事件 %1。证明中只有其叶哈希：%2</translation>
    </message>
    <message>
        <source>Event %1 · %2 · %3: %4</source>
        <translation>事件 %1 · %2 · %3：%4</translation>
    </message>
    <message>
        <source>No: the log has another event than the one that is shown.</source>
        <translation>否：日志中的事件与所显示的不同。</translation>
    </message>
    <message>
        <source>What is proved: %1</source>
        <translation>所证明的内容：%1</translation>
    </message>
    <message>
        <source>Do not rely on what the service shows. %1</source>
        <translation>请勿采信服务所显示的内容。%1</translation>
    </message>
    <message>
        <source>No: the log has another event there.</source>
        <translation>否：日志中该处是另一事件。</translation>
    </message>
    <message>
        <source>Its leaf hash is %1</source>
        <translation>其叶哈希为 %1</translation>
    </message>
    <message>
        <source>No: the service gives no proof that holds.</source>
        <translation>否：服务未能给出成立的证明。</translation>
    </message>
    <message>
        <source>Do not rely on what it shows. %1</source>
        <translation>请勿采信其显示的内容。%1</translation>
    </message>
    <message>
        <source>No: the log has no event %1.</source>
        <translation>否：日志中没有事件 %1。</translation>
    </message>
</context>
<context>
    <name>searches</name>
    <message>
        <source>Type</source>
        <translation>类型</translation>
    </message>
    <message>
        <source>UKEY</source>
        <translation>UKEY</translation>
    </message>
    <message>
        <source>Station</source>
        <translation>售电网点</translation>
    </message>
    <message>
        <source>Meter</source>
        <translation>电表</translation>
    </message>
    <message>
        <source>Account</source>
        <translation>账户</translation>
    </message>
    <message>
        <source>By</source>
        <translation>操作者</translation>
    </message>
    <message>
        <source>Order</source>
        <translation>订单号</translation>
    </message>
    <message>
        <source>Outcome</source>
        <translation>结果</translation>
    </message>
    <message>
        <source>From</source>
        <translation>起始</translation>
    </message>
    <message>
        <source>Until</source>
        <translation>截止</translation>
    </message>
    <message>
        <source>At least (yuan)</source>
        <translation>最低金额（元）</translation>
    </message>
    <message>
        <source>At most (yuan)</source>
        <translation>最高金额（元）</translation>
    </message>
    <message>
        <source>Words</source>
        <translation>关键词</translation>
    </message>
    <message>
        <source>The last %1</source>
        <translation>最近 %1</translation>
    </message>
    <message>
        <source>Until %1 ago</source>
        <translation>截至 %1 前</translation>
    </message>
    <message>
        <source>At least %1 yuan</source>
        <translation>不低于 %1 元</translation>
    </message>
    <message>
        <source>At most %1 yuan</source>
        <translation>不高于 %1 元</translation>
    </message>
    <message>
        <source>%1: %2</source>
        <translation>%1：%2</translation>
    </message>
    <message>
        <source>Orders and meters</source>
        <translation>订单和电表</translation>
    </message>
    <message>
        <source>Refusals and alarms</source>
        <translation>拒绝和告警</translation>
    </message>
    <message>
        <source>UKEYs</source>
        <translation>UKEY</translation>
    </message>
    <message>
        <source>Keys of meters</source>
        <translation>电表密钥</translation>
    </message>
    <message>
        <source>Officers</source>
        <translation>安全官</translation>
    </message>
    <message>
        <source>Sessions and accounts</source>
        <translation>会话和账户</translation>
    </message>
    <message>
        <source>Charging cards</source>
        <translation>购电卡</translation>
    </message>
    <message>
        <source>Data</source>
        <translation>数据</translation>
    </message>
    <message>
        <source>The log itself</source>
        <translation>日志</translation>
    </message>
    <message>
        <source>The service</source>
        <translation>服务</translation>
    </message>
    <message>
        <source>Other</source>
        <translation>其他</translation>
    </message>
</context>
<context>
    <name>sentence</name>
    <message>
        <source>the log of {utility} begins, as {origin}; its day starts {day_offset} from UTC[; platform UKEY {ukey}]</source>
        <translation>供电公司 {utility} 的日志起始，名称 {origin}；日界按 UTC{day_offset} 计[；平台UKEY {ukey}]</translation>
    </message>
    <message>
        <source>the service started, version {version}[: {detail}]</source>
        <translation>服务启动，版本 {version}[：{detail}]</translation>
    </message>
    <message>
        <source>the service stopped[: {detail}]</source>
        <translation>服务停止[：{detail}]</translation>
    </message>
    <message>
        <source>the service was unsealed[ by {actor}][: {detail}]</source>
        <translation>平台已启封[，操作者 {actor}][：{detail}]</translation>
    </message>
    <message>
        <source>the service was sealed[ by {actor}][: {reason}]</source>
        <translation>平台已封存[，操作者 {actor}][，原因：{reason}]</translation>
    </message>
    <message>
        <source>recovery at the start[: {detail}][; {note}]</source>
        <translation>启动时恢复[：{detail}][；{note}]</translation>
    </message>
    <message>
        <source>the clock jumped; before, it said {previous}[: {detail}]</source>
        <translation>时钟跳变，跳变前为 {previous}[：{detail}]</translation>
    </message>
    <message>
        <source>configuration[ changed by {actor}]: {note}</source>
        <translation>配置[由 {actor} 更改]：{note}</translation>
    </message>
    <message>
        <source>the token host[ of UKEY {ukey}][ in reader {reader}] failed[: {detail}][ ({code})]</source>
        <translation>UKEY 进程故障[，UKEY {ukey}][，插槽 {reader}][：{detail}][（{code}）]</translation>
    </message>
    <message>
        <source>a wrong PIN[ for UKEY {ukey}][, account {account}][, {wrong_pins} in a row][ by {actor}]</source>
        <translation>PIN 错误[，UKEY {ukey}][，账户 {account}][，连续 {wrong_pins} 次][，操作者 {actor}]</translation>
    </message>
    <message>
        <source>UKEY {ukey} is locked after[ {wrong_pins}] wrong PINs</source>
        <translation>UKEY {ukey} 因 PIN 错误[ {wrong_pins} 次]被锁定</translation>
    </message>
    <message>
        <source>the PIN of UKEY {ukey} was changed[ by {actor}][: {detail}]</source>
        <translation>UKEY {ukey} 的 PIN 已更改[，操作者 {actor}][：{detail}]</translation>
    </message>
    <message>
        <source>UKEY {ukey}[ in reader {reader}] looks like a copy[: {detail}]</source>
        <translation>UKEY {ukey}[（插槽 {reader}）]疑似为复制品[：{detail}]</translation>
    </message>
    <message>
        <source>[UKEY {ukey} ]appeared[ in reader {reader}][: {detail}]</source>
        <translation>[UKEY {ukey} ]已插入[插槽 {reader}][：{detail}]</translation>
    </message>
    <message>
        <source>[UKEY {ukey} ]was taken[ out of reader {reader}][: {detail}]</source>
        <translation>[UKEY {ukey} ]已[从插槽 {reader} ]拔出[：{detail}]</translation>
    </message>
    <message>
        <source>UKEY {ukey} was initialised as {ukey_kind}[ on token {token_serial}][ by {actor}]</source>
        <translation>UKEY {ukey} 已初始化为{ukey_kind}[，令牌 {token_serial}][，操作者 {actor}]</translation>
    </message>
    <message>
        <source>UKEY {ukey} was issued as {ukey_kind}[ to {holder}][ for station {station}][, valid until {not_after}][ by {actor}]</source>
        <translation>已签发{ukey_kind} {ukey}[，持有人 {holder}][，售电网点 {station}][，有效期至 {not_after}][，操作者 {actor}]</translation>
    </message>
    <message>
        <source>UKEY {ukey}: {action}, from {state_from} to {state_to}[ by {actor}][: {reason}]</source>
        <translation>UKEY {ukey} {action}：状态由“{state_from}”变为“{state_to}”[，操作者 {actor}][，原因：{reason}]</translation>
    </message>
    <message>
        <source>grant {grant_number} of UKEY {ukey} was set[ by officer {officer}][ by {actor}]: {grant}</source>
        <translation>UKEY {ukey} 的授权 {grant_number} 已设置[，安全官 {officer}][，操作者 {actor}]：{grant}</translation>
    </message>
    <message>
        <source>UKEY {ukey} received the masters of {classes}[, version {key_version}][, {key_state}]</source>
        <translation>UKEY {ukey} 已注入主密钥，类别：{classes}[，版本 {key_version}][，{key_state}密钥]</translation>
    </message>
    <message>
        <source>the masters of {classes} have a version {key_version} from now on[ ({reason})]</source>
        <translation>密钥轮换：{classes}类主密钥自此使用版本 {key_version}[（{reason}）]</translation>
    </message>
    <message>
        <source>version {key_version} of the keys was ended: masters of {classes} were destroyed[: {detail}][; {count} meters still had it][ ({reason})]</source>
        <translation>密钥版本 {key_version} 已终止，已销毁的主密钥类别：{classes}[；{detail}][；仍有 {count} 块电表使用该版本][（{reason}）]</translation>
    </message>
    <message>
        <source>account {account} was set[ for {holder}] with UKEY {ukey}[, valid until {not_after}][ by {actor}]</source>
        <translation>账户 {account} 已设置[，持有人 {holder}]，使用 UKEY {ukey}[，有效期至 {not_after}][，操作者 {actor}]</translation>
    </message>
    <message>
        <source>account {account}: {account_change}[ by officer {officer}][ by {actor}][: {reason}][; {detail}]</source>
        <translation>账户 {account}：{account_change}[，安全官 {officer}][，操作者 {actor}][，原因：{reason}][；{detail}]</translation>
    </message>
    <message>
        <source>the PIN of UKEY {ukey} is kept, so that it opens by itself: {attended}[ by {actor}][: {detail}]</source>
        <translation>UKEY {ukey} 保存 PIN 并自动登录：{attended}[，操作者 {actor}][；{detail}]</translation>
    </message>
    <message>
        <source>UKEY {ukey} was renewed until {not_after}[ by {actor}]</source>
        <translation>UKEY {ukey} 已续期至 {not_after}[，操作者 {actor}]</translation>
    </message>
    <message>
        <source>about to[ {action}][ UKEY {ukey}][ in reader {reader}][: {detail}]</source>
        <translation>操作开始[：{action}][ UKEY {ukey}][，插槽 {reader}][；{detail}]</translation>
    </message>
    <message>
        <source>what record {intent} was about to do is {outcome}[: {detail}]</source>
        <translation>事件 {intent} 开始的操作：{outcome}[；{detail}]</translation>
    </message>
    <message>
        <source>minutes of a ceremony: {note}</source>
        <translation>初始化仪式记录：{note}</translation>
    </message>
    <message>
        <source>the officers[ are {detail}][ ({reason})]</source>
        <translation>安全官名单已设置[：{detail}][（{reason}）]</translation>
    </message>
    <message>
        <source>request {request_number} was made[ by {actor}][: {detail}][; good until {not_after}]</source>
        <translation>申请 {request_number} 已提交[，操作者 {actor}][：{detail}][；有效期至 {not_after}]</translation>
    </message>
    <message>
        <source>officer {ukey}[ ({holder})] judged request {request_number}; agrees: {agrees}</source>
        <translation>安全官 {ukey}[（{holder}）] 对申请 {request_number} 表决，同意：{agrees}</translation>
    </message>
    <message>
        <source>request {request_number} was run: {outcome}[: {detail}]</source>
        <translation>申请 {request_number} 已执行：{outcome}[；{detail}]</translation>
    </message>
    <message>
        <source>UKEY {ukey} is a further master-control UKEY[ by {actor}][: {reason}]</source>
        <translation>UKEY {ukey} 增设为主控UKEY[，操作者 {actor}][，原因：{reason}]</translation>
    </message>
    <message>
        <source>UKEY {ukey} is the platform UKEY from here on[ by {actor}][: {reason}]</source>
        <translation>UKEY {ukey} 自此为平台UKEY[，操作者 {actor}][，原因：{reason}]</translation>
    </message>
    <message>
        <source>a backup of {size} events was made[ by {actor}][: {detail}]; SHA-256 {data_hash}</source>
        <translation>已备份 {size} 条事件[，操作者 {actor}][：{detail}]；SHA-256 {data_hash}</translation>
    </message>
    <message>
        <source>the log was restored from a backup of {size} events[ by {actor}][: {detail}]; SHA-256 {data_hash}</source>
        <translation>日志已从含 {size} 条事件的备份恢复[，操作者 {actor}][：{detail}]；SHA-256 {data_hash}</translation>
    </message>
    <message>
        <source>session {session} opened[ for account {account}][ with UKEY {ukey}][ for station {station}][ by {actor}][; proved by {proven_by}][ {proven_key}]</source>
        <translation>会话 {session} 建立[，账户 {account}][，UKEY {ukey}][，售电网点 {station}][，操作者 {actor}][；证明方式：{proven_by}][ {proven_key}]</translation>
    </message>
    <message>
        <source>a session[ for account {account}][ with UKEY {ukey}][ by {actor}] was refused[: {detail}][ ({rule})][; the key that was proved is {proven_key}]</source>
        <translation>会话被拒绝[，账户 {account}][，UKEY {ukey}][，操作者 {actor}][：{detail}][（{rule}）][；已证明的密钥 {proven_key}]</translation>
    </message>
    <message>
        <source>session {session} closed[: {reason}]</source>
        <translation>会话 {session} 结束[：{reason}]</translation>
    </message>
    <message>
        <source>refused[ to {actor}][: {request}][: {operation}][ for meter {meter}][ with UKEY {ukey}][; {rule}][; {detail}]</source>
        <translation>操作被拒绝[，操作者 {actor}][：{request}][：{operation}][，电表 {meter}][，UKEY {ukey}][；规则 {rule}][；{detail}]</translation>
    </message>
    <message>
        <source>station {station} is held: {count} orders of {amount} yuan within {minutes} minutes[, with UKEY {ukey}]</source>
        <translation>售电网点 {station} 已冻结：{minutes} 分钟内售电 {count} 单，共 {amount} 元[，UKEY {ukey}]</translation>
    </message>
    <message>
        <source>station {station} may sell again[: {reason}][; by officer {officer}][; by {actor}]</source>
        <translation>售电网点 {station} 已解冻，可继续售电[，原因：{reason}][，安全官 {officer}][，操作者 {actor}]</translation>
    </message>
    <message>
        <source>identity authentication for meter {meter} with UKEY {ukey}[, {key_state} keys][ version {key_version}]</source>
        <translation>电表 {meter} 身份认证，UKEY {ukey}[，{key_state}密钥][，版本 {key_version}]</translation>
    </message>
    <message>
        <source>order {order_id}: {operation}[ ({order_kind})] of {amount} yuan for meter {meter}[ of customer {customer}], purchase count {count}, by station {station} with UKEY {ukey}[, by {channel}][ {card}]</source>
        <translation>订单 {order_id}：{operation}[（{order_kind}）] {amount} 元，电表 {meter}[，客户编号 {customer}]，购电次数 {count}，售电网点 {station}，UKEY {ukey}[，渠道：{channel}][ {card}]</translation>
    </message>
    <message>
        <source>order {order_id} of station {station} was answered again; nothing was charged[ (meter {meter}, purchase count {count})][; file {file}][ of card {card}]</source>
        <translation>售电网点 {station} 的订单 {order_id} 已重复应答，未再次计入限额[（电表 {meter}，购电次数 {count}）][；文件 {file}][；购电卡 {card}]</translation>
    </message>
    <message>
        <source>an order was refused[: {order_id}][, {operation}][ ({order_kind})][ of {amount} yuan][ by {channel}][ for meter {meter}][ by station {station}][; {rule}][; {detail}]</source>
        <translation>订单被拒绝[：{order_id}][，{operation}][（{order_kind}）][，{amount} 元][，渠道：{channel}][，电表 {meter}][，售电网点 {station}][；规则 {rule}][；{detail}]</translation>
    </message>
    <message>
        <source>status of meter {meter}: the answer is genuine: {genuine}[, balance {amount} yuan][, purchase count {count}][, known {known_count}][; it contradicts the log: {contradiction}]</source>
        <translation>电表 {meter} 状态应答，校验真实：{genuine}[，剩余金额 {amount} 元][，购电次数 {count}][，平台已知 {known_count}][；与日志矛盾：{contradiction}]</translation>
    </message>
    <message>
        <source>relay of meter {meter}: {command}[ by station {station}] with UKEY {ukey}</source>
        <translation>电表 {meter} 拉合闸命令：{command}[，售电网点 {station}]，UKEY {ukey}</translation>
    </message>
    <message>
        <source>keys of version {key_version} were sent to meter {meter} with UKEY {ukey}; back to the factory set: {recover}[; under the factory keys: {factory_wrapped}]</source>
        <translation>已用 UKEY {ukey} 向电表 {meter} 下发版本 {key_version} 密钥；恢复出厂密钥：{recover}[；用出厂密钥保护：{factory_wrapped}]</translation>
    </message>
    <message>
        <source>meter {meter} and its new keys: {outcome}[: {detail}]</source>
        <translation>电表 {meter} 密钥下装：{outcome}[；{detail}]</translation>
    </message>
    <message>
        <source>meter {meter} may be given its private keys once more under the factory keys, until {not_after} ({reason})[, as officers agreed to in request {request_number}][; by {actor}]</source>
        <translation>允许电表 {meter} 用出厂密钥保护再次下装私有密钥，有效期至 {not_after}（{reason}）[，安全官已批准申请 {request_number}][，操作者 {actor}]</translation>
    </message>
    <message>
        <source>an authentication of meter {meter} holds for {minutes} minutes[ by station {station}] with UKEY {ukey}</source>
        <translation>电表 {meter} 身份认证时效设为 {minutes} 分钟[，售电网点 {station}]，UKEY {ukey}</translation>
    </message>
    <message>
        <source>parameter {identifier} of meter {meter} was made for writing: {data}[; encrypted: {encrypted}][, by station {station}] with UKEY {ukey}</source>
        <translation>已生成电表 {meter} 参数 {identifier} 的设置数据：{data}[；加密：{encrypted}][，售电网点 {station}]，UKEY {ukey}</translation>
    </message>
    <message>
        <source>read-back of meter {meter}: it is genuine: {genuine}[: {data}]</source>
        <translation>电表 {meter} 回抄数据，校验真实：{genuine}[；{data}]</translation>
    </message>
    <message>
        <source>card {card} of meter {meter} was authenticated with UKEY {ukey}; it is genuine: {genuine}[, {key_state} keys][ version {key_version}]</source>
        <translation>电表 {meter} 的购电卡 {card} 身份认证，UKEY {ukey}，校验真实：{genuine}[，{key_state}密钥][，版本 {key_version}]</translation>
    </message>
    <message>
        <source>key {usage} of card {card} was made for meter {meter} with UKEY {ukey}; back to the factory set: {erase}[; version {key_version}]</source>
        <translation>已用 UKEY {ukey} 为电表 {meter} 生成购电卡 {card} 的密钥 {usage}；恢复出厂密钥：{erase}[；版本 {key_version}]</translation>
    </message>
    <message>
        <source>file {file} of card {card} of meter {meter} was made for writing with UKEY {ukey}[, from byte {offset} on][: {data}]</source>
        <translation>已用 UKEY {ukey} 生成电表 {meter} 购电卡 {card} 文件 {file} 的写入数据[，自第 {offset} 字节起][：{data}]</translation>
    </message>
    <message>
        <source>file {file} of card {card} of meter {meter} was reported; it is genuine: {genuine}[, balance {amount} yuan][, purchase count {count}][, known {known_count}][; it contradicts the log: {contradiction}]</source>
        <translation>电表 {meter} 购电卡 {card} 文件 {file} 已回读，校验真实：{genuine}[，剩余金额 {amount} 元][，购电次数 {count}][，平台已知 {known_count}][；与日志矛盾：{contradiction}]</translation>
    </message>
    <message>
        <source>order {order_id} was voided, as meter {meter} never credited it: {operation}[ ({order_kind})] of {amount} yuan[ of customer {customer}] made on {made_at}[ by {channel}][ {card}]; purchase count {count} is free again, and UKEY {ukey} asked for it[; it was charged to UKEY {charged}]</source>
        <translation>订单 {order_id} 已作废，电表 {meter} 未入账：{operation}[（{order_kind}）] {amount} 元[，客户编号 {customer}]，订单时间 {made_at}[，渠道：{channel}][ {card}]；购电次数 {count} 重新可用，由 UKEY {ukey} 申请[；原计入 UKEY {charged}]</translation>
    </message>
    <message>
        <source>station {station} wants to void order {order_id} of meter {meter}[: {detail}]</source>
        <translation>售电网点 {station} 申请作废电表 {meter} 的订单 {order_id}[：{detail}]</translation>
    </message>
    <message>
        <source>data were signed with UKEY {ukey}: SHA-256 {data_hash}[, {data_size} bytes]</source>
        <translation>已用 UKEY {ukey} 签名数据：SHA-256 {data_hash}[，{data_size} 字节]</translation>
    </message>
    <message>
        <source>{data_size} random bytes were drawn[ with UKEY {ukey}]</source>
        <translation>已生成随机数 {data_size} 字节[，UKEY {ukey}]</translation>
    </message>
    <message>
        <source>a signature was checked[ with UKEY {ukey}]: SHA-256 {data_hash}; it is genuine: {genuine}</source>
        <translation>签名已验证[，UKEY {ukey}]：SHA-256 {data_hash}；签名真实：{genuine}</translation>
    </message>
    <message>
        <source>{data_size} bytes were encrypted with UKEY {ukey}</source>
        <translation>已用 UKEY {ukey} 加密 {data_size} 字节</translation>
    </message>
    <message>
        <source>{data_size} bytes were decrypted with UKEY {ukey}: SHA-256 of what was sealed {data_hash}</source>
        <translation>已用 UKEY {ukey} 解密 {data_size} 字节：密文 SHA-256 {data_hash}</translation>
    </message>
    <message>
        <source>a MAC was made with UKEY {ukey}: SHA-256 {data_hash}[, {data_size} bytes]</source>
        <translation>已用 UKEY {ukey} 计算 MAC：SHA-256 {data_hash}[，{data_size} 字节]</translation>
    </message>
    <message>
        <source>the public keys of UKEY {ukey} were shown[ to {actor}]</source>
        <translation>已查看 UKEY {ukey} 的公钥[，查看者 {actor}]</translation>
    </message>
    <message>
        <source>a certificate request of UKEY {ukey} was signed: SHA-256 {data_hash}</source>
        <translation>已签署 UKEY {ukey} 的证书申请：SHA-256 {data_hash}</translation>
    </message>
    <message>
        <source>a checkpoint was signed over {size} records: root {root}</source>
        <translation>已签署检查点，覆盖 {size} 条事件：根哈希 {root}</translation>
    </message>
    <message>
        <source>revocation list {crl_number} was issued[, {count} entries]</source>
        <translation>已签发吊销列表 {crl_number}[，共 {count} 项]</translation>
    </message>
    <message>
        <source>records {first} up to {size} were exported[ by {actor}][, for {recipients} alone]</source>
        <translation>已导出事件 {first} 起、{size} 之前的日志[，操作者 {actor}][，仅限 {recipients} 解密]</translation>
    </message>
    <message>
        <source>checkpoints get to {witness}, up to that over {size} records[: {detail}]</source>
        <translation>检查点可送达见证方 {witness}，最新覆盖 {size} 条事件[：{detail}]</translation>
    </message>
    <message>
        <source>the checkpoint[ over {size} records] did not get to {witness}[: {detail}]</source>
        <translation>检查点[（覆盖 {size} 条事件）]未能送达见证方 {witness}[：{detail}]</translation>
    </message>
    <message>
        <source>a checkpoint of the log {origin} over {size} records was cosigned: root {root}</source>
        <translation>日志 {origin} 覆盖 {size} 条事件的检查点已联署：根哈希 {root}</translation>
    </message>
    <message>
        <source>events stay in the live database for {days} days, and archive segments for {keep_days}[ by {actor}][: {reason}]</source>
        <translation>事件在线保存 {days} 天，归档段保存 {keep_days} 天[，操作者 {actor}][，原因：{reason}]</translation>
    </message>
    <message>
        <source>records {first} up to {size} left the live database[ by {actor}][ for {detail}]; SHA-256 of the segment {data_hash}</source>
        <translation>事件 {first} 起、{size} 之前的日志已移出在线数据库[，操作者 {actor}][，归档为 {detail}]；归档段 SHA-256 {data_hash}</translation>
    </message>
    <message>
        <source>the database was verified[ by {actor}], up to record {size}: {findings} findings; root {root}[; {detail}]</source>
        <translation>数据库已验证[，操作者 {actor}]，至事件 {size}：发现问题 {findings} 个；根哈希 {root}[；{detail}]</translation>
    </message>
    <message>
        <source>{denials} refusals in a flood[ to {actor}][: {request}][: {operation}][ for account {account}][ with UKEY {ukey}], from {first_at} to {last_at}[; {rule}][; the last: {detail}][; the key that was proved is {proven_key}]</source>
        <translation>大量拒绝合并：共 {denials} 次[，操作者 {actor}][：{request}][：{operation}][，账户 {account}][，UKEY {ukey}]，{first_at} 至 {last_at}[；规则 {rule}][；末次：{detail}][；已证明的密钥 {proven_key}]</translation>
    </message>
    <message>
        <source>[{detail}: ]signed with master-control UKEY {ukey}[ by {actor}]</source>
        <translation>[{detail}：]已用主控UKEY {ukey} 签名[，操作者 {actor}]</translation>
    </message>
    <message>
        <source>{denials} turned away[ ({rule})], from {first_at} to {last_at}[; the last: {actor}][: {detail}]</source>
        <translation>连接被拒 {denials} 次[（{rule}）]，{first_at} 至 {last_at}[；末次：{actor}][：{detail}]</translation>
    </message>
    <message>
        <source>UKEY {ukey} proved its station[ {station}] to a network encryption machine[ for {actor}]: SHA-256 of what it signed {data_hash}</source>
        <translation>UKEY {ukey} 已向网络加密机证明所属售电网点[ {station}][，申请者 {actor}]：所签数据 SHA-256 {data_hash}</translation>
    </message>
    <message>
        <source>a standby can take over from {size} events on[: {detail}]</source>
        <translation>备机自第 {size} 条事件起可接管[：{detail}]</translation>
    </message>
    <message>
        <source>the feed of the standby stopped: {reason}</source>
        <translation>备机同步停止：{reason}</translation>
    </message>
    <message>
        <source>the feed of the standby goes on[: {detail}]</source>
        <translation>备机同步恢复[：{detail}]</translation>
    </message>
    <message>
        <source>; it happened at {happened_at}</source>
        <translation>；发生时间 {happened_at}</translation>
    </message>
</context>
<context>
    <name>standing</name>
    <message>
        <source>Do not count on it now: %1</source>
        <translation>目前不可据此判断：%1</translation>
    </message>
    <message>
        <source>The log is not the one that is known here. What was found before that, or of such a log, says nothing of it.</source>
        <translation>日志与本机已知的日志不一致。此前所得或针对该日志所得的结论不能说明其状况。</translation>
    </message>
    <message>
        <source>Another trust anchor was chosen since. Do it again, to hold the log against that one.</source>
        <translation>此后选择了另一信任锚。请重新执行，以按新信任锚验证日志。</translation>
    </message>
    <message>
        <source>Nothing was verified: the checkpoint to hold it against cannot be given to what verifies.</source>
        <translation>未作验证：无法向验证程序提供用于比对的检查点。</translation>
    </message>
    <message>
        <source>Without it the log could have been set back, and this would not show. Make room where temporary files are written (%1), or do what the line below says; then verify again.</source>
        <translation>缺少该检查点，日志即使被回退也无法发现。请在临时文件目录（%1）腾出空间，或按下行提示处理，然后重新验证。</translation>
    </message>
</context>
<context>
    <name>stations</name>
    <message>
        <source>Last day</source>
        <translation>截止日期</translation>
    </message>
    <message>
        <source>Its holder changes the password before the first use.</source>
        <translation>持有人首次使用前须更改口令。</translation>
    </message>
    <message>
        <source>A password beside it</source>
        <translation>同时允许口令</translation>
    </message>
    <message>
        <source>&amp;Name</source>
        <translation>名称(&amp;N)</translation>
    </message>
    <message>
        <source>&amp;UKEY whose grant it uses</source>
        <translation>所用授权的 UKEY(&amp;U)</translation>
    </message>
    <message>
        <source>&amp;Holder</source>
        <translation>持有人(&amp;H)</translation>
    </message>
    <message>
        <source>Certificate</source>
        <translation>证书</translation>
    </message>
    <message>
        <source>Add a network account</source>
        <translation>新增网络账户</translation>
    </message>
    <message>
        <source>Add</source>
        <translation>添加</translation>
    </message>
    <message>
        <source>Somebody may vend with a user UKEY that is plugged in here, by a name and a password, or by the key of a certificate.</source>
        <translation>允许他人凭名称和口令或证书密钥，使用插在本机的用户UKEY售电。</translation>
    </message>
    <message>
        <source>It may do what that UKEY&apos;s grant allows, no more.</source>
        <translation>权限不超出该 UKEY 的授权。</translation>
    </message>
    <message>
        <source>First password</source>
        <translation>初始口令</translation>
    </message>
    <message>
        <source>Write a name: letters, digits, -, _ and a point.</source>
        <translation>请填写名称：字母、数字、-、_ 和点号。</translation>
    </message>
    <message>
        <source>There is no user UKEY in use: issue one first.</source>
        <translation>没有使用中的用户UKEY：请先签发。</translation>
    </message>
    <message>
        <source>Write who holds the account.</source>
        <translation>请填写账户持有人。</translation>
    </message>
    <message>
        <source>Account %1 is added.</source>
        <translation>账户 %1 已添加。</translation>
    </message>
    <message>
        <source>Disable account %1</source>
        <translation>停用账户 %1</translation>
    </message>
    <message>
        <source>Disable</source>
        <translation>停用</translation>
    </message>
    <message>
        <source>It is refused at once, in running sessions too.</source>
        <translation>立即拒绝使用，包括进行中的会话。</translation>
    </message>
    <message>
        <source>Enabling it lifts this.</source>
        <translation>启用后解除。</translation>
    </message>
    <message numerus="yes">
        <source>%n session(s) of it end now.</source>
        <translation>
            <numerusform>其 %n 个会话将立即结束。</numerusform>
        </translation>
    </message>
    <message>
        <source>Account %1 is disabled.</source>
        <translation>账户 %1 已停用。</translation>
    </message>
    <message>
        <source>Enable account %1</source>
        <translation>启用账户 %1</translation>
    </message>
    <message>
        <source>Enable</source>
        <translation>启用</translation>
    </message>
    <message>
        <source>%1 may vend again with UKEY %2.</source>
        <translation>%1 可重新使用 UKEY %2 售电。</translation>
    </message>
    <message>
        <source>Account %1 is in force.</source>
        <translation>账户 %1 已启用。</translation>
    </message>
    <message>
        <source>Give account %1 a new password</source>
        <translation>重置账户 %1 的口令</translation>
    </message>
    <message>
        <source>Set it</source>
        <translation>设置</translation>
    </message>
    <message>
        <source>Sessions that the old password opened end.</source>
        <translation>用原口令建立的会话将结束。</translation>
    </message>
    <message>
        <source>A lock that ten wrong passwords set is lifted.</source>
        <translation>解除因口令错误十次造成的锁定。</translation>
    </message>
    <message>
        <source>New password</source>
        <translation>新口令</translation>
    </message>
    <message>
        <source>Account %1 has a new password.</source>
        <translation>账户 %1 的口令已重置。</translation>
    </message>
    <message>
        <source>No certificate any more: by password only</source>
        <translation>取消证书：仅用口令</translation>
    </message>
    <message>
        <source>By the certificate alone: the password ends</source>
        <translation>仅用证书：口令失效</translation>
    </message>
    <message>
        <source>Bind account %1 to another certificate</source>
        <translation>账户 %1 换绑证书</translation>
    </message>
    <message>
        <source>Bind</source>
        <translation>绑定</translation>
    </message>
    <message>
        <source>Whoever proves the key of the certificate may use the account; the key of before is refused at once.</source>
        <translation>能证明持有该证书密钥者可使用此账户；原密钥立即失效。</translation>
    </message>
    <message>
        <source>Compare the SHA-256 of the key with the station&apos;s, by another way.</source>
        <translation>请通过其他途径与网点核对密钥的 SHA-256。</translation>
    </message>
    <message>
        <source>Bound now to key %1</source>
        <translation>当前绑定密钥 %1</translation>
    </message>
    <message>
        <source>It has no password: without a certificate nobody could use it. Disable it instead.</source>
        <translation>此账户没有口令：取消证书后无人能用。请改为停用。</translation>
    </message>
    <message>
        <source>Choose the file of the certificate.</source>
        <translation>请选择证书文件。</translation>
    </message>
    <message>
        <source>Account %1 has no certificate any more.</source>
        <translation>账户 %1 的证书已取消。</translation>
    </message>
    <message>
        <source>Account %1 is bound to key %2.</source>
        <translation>账户 %1 已绑定密钥 %2。</translation>
    </message>
    <message>
        <source>Release station %1</source>
        <translation>解冻网点 %1</translation>
    </message>
    <message>
        <source>Release</source>
        <translation>解冻</translation>
    </message>
    <message>
        <source>It was held on %1: %2 orders over %3 yuan within %4 minutes.</source>
        <translation>于 %1 冻结：%4 分钟内 %2 单，共 %3 元。</translation>
    </message>
    <message>
        <source>It sells again at once; what it sold before is counted no more.</source>
        <translation>立即恢复售电；此前的售电不再计入。</translation>
    </message>
    <message>
        <source>Ask the station first what it sold, and to whom: a stolen UKEY sells like this.</source>
        <translation>请先向网点核实售电内容和对象：UKEY 被盗用时也会如此售电。</translation>
    </message>
    <message>
        <source>Station %1 may sell again.</source>
        <translation>网点 %1 已恢复售电。</translation>
    </message>
    <message>
        <source>until</source>
        <translation>至</translation>
    </message>
    <message>
        <source>Choose one</source>
        <translation>请选择</translation>
    </message>
    <message>
        <source>as long as its UKEY</source>
        <translation>与所用 UKEY 相同</translation>
    </message>
    <message>
        <source>Valid</source>
        <translation>有效期</translation>
    </message>
    <message>
        <source>Who types the password</source>
        <translation>口令输入人</translation>
    </message>
    <message>
        <source>Choose the UKEY whose grant it uses.</source>
        <translation>请选择所用授权的 UKEY。</translation>
    </message>
    <message>
        <source>as it was</source>
        <translation>保持不变</translation>
    </message>
    <message>
        <source>Somebody else</source>
        <translation>他人代为输入</translation>
    </message>
    <message>
        <source>Its holder, who is here</source>
        <translation>持有人本人（在场）</translation>
    </message>
    <message>
        <source>Tell it to the holder alone. The account is refused until the holder has changed it, at this machine: kmpctl account passwd.</source>
        <translation>口令只能告知持有人本人。持有人在本机更改口令（kmpctl account passwd）之前，账户不能使用。</translation>
    </message>
    <message>
        <source>Nobody else knows it: the account can be used at once.</source>
        <translation>口令仅持有人知晓：账户可立即使用。</translation>
    </message>
</context>
<context>
    <name>ui::approvals::ApprovalsPage</name>
    <message>
        <source>One person holds the master-control UKEY here and does at once what a request would ask for. There is nothing to approve.

Where several officers are to agree, the ceremony is held with officers.</source>
        <translation>本平台的主控UKEY由一人保管，操作立即执行，无需审批。

如需多名安全官共同审批，请在初始化仪式中设置安全官。</translation>
    </message>
    <message>
        <source>Requests</source>
        <translation>申请</translation>
    </message>
    <message>
        <source>Also those that are &amp;over</source>
        <translation>包括已结束的(&amp;O)</translation>
    </message>
    <message>
        <source>Nothing waits.

What takes the master-control UKEY is asked for on the other pages and becomes a request here, for officers to approve.</source>
        <translation>没有待审批的申请。

需要主控UKEY的操作在其他页面提交，在此形成申请，由安全官审批。</translation>
    </message>
</context>
<context>
    <name>ui::approvals::OfficersView</name>
    <message>
        <source>The officers</source>
        <translation>安全官</translation>
    </message>
    <message>
        <source>&amp;Change the officers …</source>
        <translation>变更安全官(&amp;C)…</translation>
    </message>
    <message>
        <source>Officer</source>
        <translation>安全官</translation>
    </message>
    <message>
        <source>UKEY</source>
        <translation>UKEY</translation>
    </message>
    <message>
        <source>Plugged in</source>
        <translation>所在插槽</translation>
    </message>
    <message>
        <source>%1 of %2 must agree.</source>
        <translation>须 %2 人中的 %1 人同意。</translation>
    </message>
    <message>
        <source>Still opens with what former officers had: %1</source>
        <translation>仍可用前任安全官的份额打开：%1</translation>
    </message>
    <message>
        <source>, </source>
        <translation>、</translation>
    </message>
    <message>
        <source>Plug it in and run the next request: it follows then.</source>
        <translation>请插入该 UKEY 并执行下一项申请，届时自动更新。</translation>
    </message>
    <message>
        <source>who the officers are was not read yet</source>
        <translation>尚未读取安全官名单</translation>
    </message>
    <message>
        <source>The UKEYs of %1 are in use: only they can.</source>
        <translation>仅 %1 的 UKEY 在使用中：只有他们可以审批。</translation>
    </message>
    <message>
        <source>%1: UKEY %2 is %3</source>
        <translation>%1：UKEY %2 %3</translation>
    </message>
</context>
<context>
    <name>ui::approvals::QuorumChoices</name>
    <message>
        <source>Officers who go, or get another UKEY:</source>
        <translation>离任或更换 UKEY 的安全官：</translation>
    </message>
    <message>
        <source>%1 (%2)</source>
        <translation>%1（%2）</translation>
    </message>
    <message>
        <source>Officers who come, each with a blank UKEY that is plugged in:</source>
        <translation>新任安全官，每人插入一个空白UKEY：</translation>
    </message>
    <message>
        <source>A&amp;dd an officer</source>
        <translation>添加安全官(&amp;D)</translation>
    </message>
    <message>
        <source>How many must agree</source>
        <translation>须同意人数</translation>
    </message>
    <message>
        <source>Reader with the blank UKEY</source>
        <translation>空白UKEY所在插槽</translation>
    </message>
    <message>
        <source>Name of the officer</source>
        <translation>安全官姓名</translation>
    </message>
    <message>
        <source>Take away</source>
        <translation>移除</translation>
    </message>
    <message>
        <source>Every officer would be needed.</source>
        <translation>将需要全体安全官到场。</translation>
    </message>
    <message>
        <source>One lost UKEY, or ten wrong PINs of one officer, would then end everything. Keep more officers than must agree.</source>
        <translation>届时丢失一个 UKEY 或一人输错十次 PIN，平台即无法继续管理。安全官人数应多于须同意人数。</translation>
    </message>
    <message>
        <source>Plug in a blank UKEY for every officer who comes.</source>
        <translation>请为每名新任安全官插入一个空白UKEY。</translation>
    </message>
    <message>
        <source>Each officer who comes needs a blank UKEY of their own.</source>
        <translation>每名新任安全官须有各自的空白UKEY。</translation>
    </message>
    <message>
        <source>Write the name of every officer who comes.</source>
        <translation>请填写每名新任安全官的姓名。</translation>
    </message>
    <message>
        <source>Nobody is an officer twice.</source>
        <translation>同一人不能重复担任安全官。</translation>
    </message>
    <message>
        <source>There are at most %1 officers.</source>
        <translation>安全官最多 %1 名。</translation>
    </message>
    <message>
        <source>%1 must agree, but only %2 officers would be left.</source>
        <translation>须 %1 人同意，但安全官将只剩 %2 名。</translation>
    </message>
    <message>
        <source>Choose what changes.</source>
        <translation>请选择要变更的内容。</translation>
    </message>
    <message>
        <source>At least one of today&apos;s officers stays.</source>
        <translation>现任安全官须至少留任一名。</translation>
    </message>
    <message>
        <source>Change the officers</source>
        <translation>变更安全官</translation>
    </message>
    <message>
        <source>Officers of today must agree, then it is run: those who come choose their PINs.</source>
        <translation>须由现任安全官同意后执行，执行时新任安全官自行设置 PIN。</translation>
    </message>
    <message>
        <source>The officers&apos; secret is drawn anew: what anybody had before opens nothing any more.</source>
        <translation>安全官秘密将重新生成并分割，此前持有的份额全部失效。</translation>
    </message>
    <message>
        <source>All other requests that wait become void.</source>
        <translation>其他待审批的申请全部作废。</translation>
    </message>
</context>
<context>
    <name>ui::approvals::RequestDelegate</name>
    <message>
        <source>%1, until %2</source>
        <translation>%1，截止 %2</translation>
    </message>
    <message>
        <source>No. %1</source>
        <translation>%1 号</translation>
    </message>
</context>
<context>
    <name>ui::approvals::RequestView</name>
    <message>
        <source>What will happen</source>
        <translation>将执行的操作</translation>
    </message>
    <message>
        <source>Officers</source>
        <translation>安全官</translation>
    </message>
    <message>
        <source>&amp;Approve …</source>
        <translation>同意(&amp;A)…</translation>
    </message>
    <message>
        <source>Re&amp;ject …</source>
        <translation>否决(&amp;J)…</translation>
    </message>
    <message>
        <source>&amp;Run …</source>
        <translation>执行(&amp;R)…</translation>
    </message>
    <message>
        <source>Request %1, asked by %2, %3</source>
        <translation>申请 %1，由 %2 于 %3 提交</translation>
    </message>
    <message>
        <source>What was asked for</source>
        <translation>申请内容</translation>
    </message>
    <message>
        <source>Terms</source>
        <translation>条款</translation>
    </message>
    <message>
        <source>none beyond the deed itself</source>
        <translation>除操作本身外无其他条款</translation>
    </message>
    <message>
        <source>What is signed (SHA-256)</source>
        <translation>签名内容（SHA-256）</translation>
    </message>
    <message>
        <source>Agree</source>
        <translation>同意</translation>
    </message>
    <message>
        <source>%1 of %2 that are needed</source>
        <translation>%1 人（须 %2 人）</translation>
    </message>
    <message>
        <source>Shares at hand</source>
        <translation>可用份额</translation>
    </message>
    <message>
        <source>%1 of %2</source>
        <translation>%1/%2</translation>
    </message>
    <message>
        <source>agrees (%1)</source>
        <translation>同意（%1）</translation>
    </message>
    <message>
        <source>rejects (%1)</source>
        <translation>否决（%1）</translation>
    </message>
    <message>
        <source>Good until</source>
        <translation>有效期至</translation>
    </message>
    <message>
        <source>&amp;Approve once more …</source>
        <translation>再次同意(&amp;A)…</translation>
    </message>
    <message>
        <source>the service did not say what would be signed</source>
        <translation>服务未说明将签名的内容</translation>
    </message>
    <message>
        <source>Asked by</source>
        <translation>提交者</translation>
    </message>
    <message>
        <source>%1: %2</source>
        <translation>%1：%2</translation>
    </message>
</context>
<context>
    <name>ui::approvals::RequestsModel</name>
    <message>
        <source>%1: %2; %3; %4, %5</source>
        <translation>%1：%2；%3；%4，%5</translation>
    </message>
    <message>
        <source>asked by %1, %2</source>
        <translation>由 %1 于 %2 提交</translation>
    </message>
</context>
<context>
    <name>ui::first_start::CeremonyWizard</name>
    <message>
        <source>Ceremony</source>
        <translation>初始化仪式</translation>
    </message>
    <message>
        <source>The last look</source>
        <translation>最后确认</translation>
    </message>
    <message>
        <source>Hold the ceremony</source>
        <translation>举行初始化仪式</translation>
    </message>
    <message>
        <source>A ceremony is held once. Everything in these UKEYs is made anew.</source>
        <translation>初始化仪式仅举行一次。这些 UKEY 中的内容将全部重新生成。</translation>
    </message>
    <message>
        <source>New PIN, %1</source>
        <translation>%1的新 PIN</translation>
    </message>
    <message>
        <source>Each PIN is typed by whoever will use it, unseen by the others. Ten wrong ones block a UKEY.</source>
        <translation>每个 PIN 由其使用者本人输入，不得让他人看到。输错十次，UKEY 将被锁定。</translation>
    </message>
</context>
<context>
    <name>ui::first_start::IntroStep</name>
    <message>
        <source>Set up the platform</source>
        <translation>初始化平台</translation>
    </message>
    <message>
        <source>The ceremony makes the platform&apos;s UKEYs and begins its log. It is held once, and takes about half an hour.</source>
        <translation>初始化仪式制作平台的各 UKEY 并开始记录日志。仪式仅举行一次，约需半小时。</translation>
    </message>
    <message>
        <source>Have ready</source>
        <translation>准备事项</translation>
    </message>
    <message>
        <source>•  A room without cameras or guests, with everybody who will hold a UKEY.
•  A blank UKEY for the platform. It stays with this machine.
•  A blank UKEY for master control. It goes into a safe.
•  Where several officers share the work: a blank UKEY for each of them.
•  A reader for every UKEY, for all are plugged in at the same time.
•  A label for every stick, and a printer for the minutes.</source>
        <translation>•  无摄像头、无外人的房间，所有 UKEY 持有人到场。
•  一个空白UKEY用作平台UKEY，随本机使用。
•  一个空白UKEY用作主控UKEY，存入保险柜。
•  多名安全官共管时，每人一个空白UKEY。
•  足够的插槽，所有 UKEY 须同时插入。
•  每个 UKEY 的标签，以及打印仪式记录的打印机。</translation>
    </message>
    <message>
        <source>Begin</source>
        <translation>开始</translation>
    </message>
</context>
<context>
    <name>ui::first_start::PeopleStep</name>
    <message>
        <source>Who holds the master-control UKEY?</source>
        <translation>主控UKEY由谁保管？</translation>
    </message>
    <message>
        <source>Whoever opens it can issue every other UKEY. From one person to several officers there is no way later but a new ceremony.</source>
        <translation>能打开主控UKEY者即可签发其他所有 UKEY。日后由一人改为多名安全官，只能重新举行初始化仪式。</translation>
    </message>
    <message>
        <source>&amp;One person, with one PIN</source>
        <translation>一人保管，一个 PIN(&amp;O)</translation>
    </message>
    <message>
        <source>&amp;Several officers, some of whom must agree</source>
        <translation>多名安全官，部分同意即可(&amp;S)</translation>
    </message>
    <message>
        <source>Right for a small community: simple, and quick. Whoever has both the UKEY and its PIN can do everything.</source>
        <translation>适合小型社区：简单快捷。同时持有 UKEY 和 PIN 者可执行一切操作。</translation>
    </message>
    <message>
        <source>Right for a utility: nothing important happens unless enough officers agree, each with a UKEY and a PIN of their own. A thief of some of the UKEYs has nothing.</source>
        <translation>适合供电公司：重要操作须足够人数的安全官同意，每人各有 UKEY 和 PIN。仅窃得部分 UKEY 毫无用处。</translation>
    </message>
    <message>
        <source>Officers</source>
        <translation>安全官</translation>
    </message>
    <message>
        <source>Of whom must agree</source>
        <translation>须同意人数</translation>
    </message>
    <message>
        <source>O&amp;fficers</source>
        <translation>安全官人数(&amp;F)</translation>
    </message>
    <message>
        <source>Of whom must &amp;agree</source>
        <translation>须同意人数(&amp;A)</translation>
    </message>
    <message>
        <source>Name of officer %1</source>
        <translation>安全官 %1 姓名</translation>
    </message>
    <message>
        <source>Every officer is needed then.</source>
        <translation>需要全体安全官到场。</translation>
    </message>
    <message>
        <source>One lost UKEY, or ten wrong PINs of one officer, and nobody opens the master-control UKEY any more. Better have more officers than must agree.</source>
        <translation>丢失一个 UKEY 或一人输错十次 PIN，主控UKEY将再也无法打开。安全官人数应多于须同意人数。</translation>
    </message>
</context>
<context>
    <name>ui::first_start::PlacesStep</name>
    <message>
        <source>Which blank UKEY becomes what?</source>
        <translation>各空白UKEY作何用途？</translation>
    </message>
    <message>
        <source>Plug them in one after the other: each gets the next role by itself. Or click the readers in the order below. Label every stick now.</source>
        <translation>请依次插入，按顺序自动分配用途；也可按下列顺序点击插槽。请立即为每个 UKEY 贴上标签。</translation>
    </message>
    <message>
        <source>No blank UKEY is there yet. Plug one in: it appears here.</source>
        <translation>尚无空白UKEY。插入后即在此显示。</translation>
    </message>
    <message>
        <source>none yet</source>
        <translation>尚无</translation>
    </message>
    <message>
        <source>Reader %1</source>
        <translation>插槽 %1</translation>
    </message>
</context>
<context>
    <name>ui::first_start::ResultStep</name>
    <message>
        <source>The platform is set up</source>
        <translation>平台已初始化</translation>
    </message>
    <message>
        <source>Fingerprint of the trust anchor. Give it to the auditor by a second way, and compare it wherever the anchor is installed.</source>
        <translation>信任锚指纹。请另行交给审计员，并在安装信任锚的每一处核对。</translation>
    </message>
    <message>
        <source>Minutes of the ceremony</source>
        <translation>初始化仪式记录</translation>
    </message>
    <message>
        <source>&amp;Save the minutes …</source>
        <translation>保存记录(&amp;S)…</translation>
    </message>
    <message>
        <source>&amp;Print the minutes …</source>
        <translation>打印记录(&amp;P)…</translation>
    </message>
    <message>
        <source>What to do next</source>
        <translation>后续事项</translation>
    </message>
    <message>
        <source>Platform UKEY</source>
        <translation>平台UKEY</translation>
    </message>
    <message>
        <source>Master-control UKEY</source>
        <translation>主控UKEY</translation>
    </message>
    <message>
        <source>Officer UKEYs</source>
        <translation>安全官UKEY</translation>
    </message>
    <message>
        <source>Save the minutes</source>
        <translation>保存仪式记录</translation>
    </message>
    <message>
        <source>The minutes are in %1.</source>
        <translation>仪式记录已保存到 %1。</translation>
    </message>
    <message>
        <source>The minutes were not saved.</source>
        <translation>仪式记录未保存。</translation>
    </message>
    <message>
        <source>Choose another place. They stand in the log too.</source>
        <translation>请另选位置。记录也保存在日志中。</translation>
    </message>
    <message>
        <source>Texts (*.txt)</source>
        <translation>文本 (*.txt)</translation>
    </message>
    <message>
        <source>1.  Print the minutes and have everybody sign them. They stand in the log too.
2.  Issue an auditor UKEY, so that somebody else can check the log, and save the trust anchor for the auditor (page Keys).
3.  Make a backup, and keep it somewhere else.
4.  Put the master-control UKEY into its safe. Pulling it locks the window.</source>
        <translation>1.  打印仪式记录并由全体人员签字。记录也保存在日志中。
2.  签发审计UKEY，由他人核查日志，并为审计员保存信任锚（“密钥”页）。
3.  做一次备份，并异地保存。
4.  将主控UKEY存入保险柜。拔出后窗口自动锁定。</translation>
    </message>
    <message>
        <source>The minutes are being printed.</source>
        <translation>正在打印仪式记录。</translation>
    </message>
    <message>
        <source>The minutes went to the printer.</source>
        <translation>仪式记录已送打印机。</translation>
    </message>
    <message>
        <source>Have everybody sign them.</source>
        <translation>请全体人员签字。</translation>
    </message>
    <message>
        <source>The minutes were not printed.</source>
        <translation>仪式记录未打印。</translation>
    </message>
    <message>
        <source>The printer took no page. Look whether it is on and can be written to, or choose another; or save the minutes, and print them elsewhere. They stand in the log too.</source>
        <translation>打印机未接收。请检查打印机是否已开机、可写入，或另选打印机；也可保存记录后在别处打印。记录也保存在日志中。</translation>
    </message>
</context>
<context>
    <name>ui::first_start::UtilityStep</name>
    <message>
        <source>Whose platform is it?</source>
        <translation>平台属于哪家供电公司？</translation>
    </message>
    <message>
        <source>Both stand in the first event of the log and stay for good.</source>
        <translation>以下两项写入日志的第一条事件，不可更改。</translation>
    </message>
    <message>
        <source>As it is to stand on the minutes</source>
        <translation>与仪式记录所载一致</translation>
    </message>
    <message>
        <source>UTC%1</source>
        <translation>UTC%1</translation>
    </message>
    <message>
        <source>Caps count days and months from midnight of this time, summer and winter alike.</source>
        <translation>限额的日、月均自该时区零点起算，不随夏令时变化。</translation>
    </message>
    <message>
        <source>&amp;Utility</source>
        <translation>供电公司(&amp;U)</translation>
    </message>
    <message>
        <source>&amp;Day begins at midnight of</source>
        <translation>日界时区（零点）(&amp;D)</translation>
    </message>
</context>
<context>
    <name>ui::home::HomePage</name>
    <message>
        <source>What wants attention</source>
        <translation>需要关注</translation>
    </message>
    <message>
        <source>Nothing.</source>
        <translation>无。</translation>
    </message>
    <message>
        <source>Readers</source>
        <translation>插槽</translation>
    </message>
    <message>
        <source>No reader is there. A UKEY appears as soon as it is plugged in.</source>
        <translation>没有插槽。UKEY 插入后即在此显示。</translation>
    </message>
    <message>
        <source>Orders per minute</source>
        <translation>每分钟订单数</translation>
    </message>
    <message>
        <source>Service</source>
        <translation>服务</translation>
    </message>
    <message>
        <source>Log</source>
        <translation>日志</translation>
    </message>
    <message>
        <source>Sign a checkpoint now</source>
        <translation>立即签署检查点</translation>
    </message>
    <message>
        <source>Connecting …</source>
        <translation>正在连接…</translation>
    </message>
    <message>
        <source>No answer</source>
        <translation>无应答</translation>
    </message>
    <message>
        <source>The service of %1 is not running.</source>
        <translation>%1 的服务未运行。</translation>
    </message>
    <message>
        <source>Not set up yet</source>
        <translation>尚未初始化</translation>
    </message>
    <message>
        <source>Two blank UKEYs, or more where several officers share the work, and half an hour.</source>
        <translation>需要两个空白UKEY（多名安全官共管时更多），约半小时。</translation>
    </message>
    <message>
        <source>Sealed</source>
        <translation>已封存</translation>
    </message>
    <message>
        <source>Nothing is signed and nothing is read until the platform UKEY opens it.</source>
        <translation>用平台UKEY启封之前，不签名，也不读取任何数据。</translation>
    </message>
    <message>
        <source>Unseal …</source>
        <translation>启封…</translation>
    </message>
    <message>
        <source>Failing</source>
        <translation>故障</translation>
    </message>
    <message>
        <source>%1 · it refuses everything until its log can be written</source>
        <translation>%1 · 日志可写入之前拒绝一切请求</translation>
    </message>
    <message>
        <source>Seal …</source>
        <translation>封存…</translation>
    </message>
    <message>
        <source>In good order</source>
        <translation>运行正常</translation>
    </message>
    <message>
        <source>Open, with something to look at</source>
        <translation>运行中，有事项需要关注</translation>
    </message>
    <message>
        <source>%1 · open since %2</source>
        <translation>%1 · 自 %2 起运行</translation>
    </message>
    <message>
        <source>%1 in the last minute</source>
        <translation>最近一分钟 %1 笔</translation>
    </message>
    <message>
        <source>, %1 of them refused</source>
        <translation>，其中 %1 笔被拒绝</translation>
    </message>
    <message>
        <source>; half answered within %1 ms, 99 % within %2 ms</source>
        <translation>；半数在 %1 ms 内应答，99% 在 %2 ms 内应答</translation>
    </message>
    <message>
        <source>Platform UKEY</source>
        <translation>平台UKEY</translation>
    </message>
    <message>
        <source>Its certificate</source>
        <translation>平台证书</translation>
    </message>
    <message>
        <source>until %1</source>
        <translation>有效期至 %1</translation>
    </message>
    <message>
        <source>Officers</source>
        <translation>安全官</translation>
    </message>
    <message>
        <source>one person holds the master-control UKEY</source>
        <translation>主控UKEY由一人保管</translation>
    </message>
    <message>
        <source>%1, of whom %2 must agree</source>
        <translation>%1 人，须 %2 人同意</translation>
    </message>
    <message>
        <source>Stations</source>
        <translation>售电网点</translation>
    </message>
    <message>
        <source>%1 sessions on %2 connections</source>
        <translation>%1 个会话，%2 个连接</translation>
    </message>
    <message>
        <source>%1 of stations, %2 of officers</source>
        <translation>网点请求 %1 个，安全官请求 %2 个</translation>
    </message>
    <message>
        <source>Disk</source>
        <translation>磁盘</translation>
    </message>
    <message>
        <source>%1 free</source>
        <translation>可用 %1</translation>
    </message>
    <message>
        <source>Memory</source>
        <translation>内存</translation>
    </message>
    <message>
        <source>secrets are locked in</source>
        <translation>敏感数据已锁定在内存中</translation>
    </message>
    <message>
        <source>secrets may be swapped out</source>
        <translation>敏感数据可能被换出到磁盘</translation>
    </message>
    <message>
        <source>Network</source>
        <translation>网络</translation>
    </message>
    <message>
        <source>Standby</source>
        <translation>备机</translation>
    </message>
    <message>
        <source>%1 events behind</source>
        <translation>落后 %1 条事件</translation>
    </message>
    <message>
        <source>Version</source>
        <translation>版本</translation>
    </message>
    <message>
        <source>Events</source>
        <translation>事件</translation>
    </message>
    <message>
        <source>Archived</source>
        <translation>已归档</translation>
    </message>
    <message>
        <source>those before %1</source>
        <translation>%1 之前的事件</translation>
    </message>
    <message>
        <source>Last checkpoint</source>
        <translation>最近检查点</translation>
    </message>
    <message>
        <source>none yet</source>
        <translation>尚无</translation>
    </message>
    <message>
        <source>%1, over %2 events</source>
        <translation>%1，覆盖 %2 条事件</translation>
    </message>
    <message>
        <source>Since then</source>
        <translation>此后新增</translation>
    </message>
    <message>
        <source>Continuity</source>
        <translation>连续性</translation>
    </message>
    <message>
        <source>goes on from what this computer saw before</source>
        <translation>与本机此前所见的日志相接</translation>
    </message>
    <message>
        <source>does not go on from what this computer saw before</source>
        <translation>与本机此前所见的日志不相接</translation>
    </message>
    <message>
        <source>Copies to</source>
        <translation>副本送往</translation>
    </message>
    <message>
        <source>Witness %1</source>
        <translation>见证方 %1</translation>
    </message>
    <message>
        <source>nothing yet</source>
        <translation>尚未送出</translation>
    </message>
    <message>
        <source>up to %1 events, %2</source>
        <translation>已送至 %1 条事件，%2</translation>
    </message>
    <message numerus="yes">
        <source>%n request(s) wait for officers</source>
        <translation>
            <numerusform>%n 个申请待安全官审批</numerusform>
        </translation>
    </message>
    <message>
        <source>Unseal the platform</source>
        <translation>启封平台</translation>
    </message>
    <message>
        <source>Unseal</source>
        <translation>启封</translation>
    </message>
    <message>
        <source>The database is opened with the platform UKEY.</source>
        <translation>用平台UKEY打开数据库。</translation>
    </message>
    <message>
        <source>Stations can vend again, and officers can work.</source>
        <translation>售电网点可恢复售电，安全官可开展工作。</translation>
    </message>
    <message>
        <source>The platform is open.</source>
        <translation>平台已启封。</translation>
    </message>
    <message>
        <source>Seal the platform</source>
        <translation>封存平台</translation>
    </message>
    <message>
        <source>Seal</source>
        <translation>封存</translation>
    </message>
    <message>
        <source>Every session ends, and stations cannot vend.</source>
        <translation>所有会话结束，售电网点无法售电。</translation>
    </message>
    <message>
        <source>The database and all UKEYs are closed.</source>
        <translation>数据库和所有 UKEY 均被关闭。</translation>
    </message>
    <message>
        <source>Only the PIN of the platform UKEY opens it again.</source>
        <translation>只有平台UKEY的 PIN 能再次启封。</translation>
    </message>
    <message>
        <source>The platform is sealed.</source>
        <translation>平台已封存。</translation>
    </message>
    <message>
        <source>A checkpoint was signed.</source>
        <translation>检查点已签署。</translation>
    </message>
    <message>
        <source>Without the cosignature of: %1</source>
        <translation>缺少以下见证方的联署签名：%1</translation>
    </message>
    <message>
        <source>Set up …</source>
        <translation>初始化…</translation>
    </message>
    <message>
        <source>not from this window yet</source>
        <translation>尚未在本窗口验证</translation>
    </message>
    <message>
        <source>%1, sound: %2 events</source>
        <translation>%1，完好：%2 条事件</translation>
    </message>
    <message>
        <source>%1, NOT SOUND</source>
        <translation>%1，不完好</translation>
    </message>
    <message>
        <source>Last verified</source>
        <translation>最近验证</translation>
    </message>
    <message>
        <source>the log cannot be written</source>
        <translation>日志无法写入</translation>
    </message>
    <message>
        <source>Nothing else; what waits for officers cannot be read now.</source>
        <translation>无其他事项；目前无法读取待审批事项。</translation>
    </message>
    <message>
        <source>Nothing so far; what waits for officers is being asked for.</source>
        <translation>暂无；正在读取待审批事项。</translation>
    </message>
    <message>
        <source>Being done</source>
        <translation>处理中</translation>
    </message>
    <message>
        <source>%1, %2</source>
        <translation>%1，%2</translation>
    </message>
    <message>
        <source>The platform is sealed: unseal it, so that stations can vend.</source>
        <translation>平台已封存：启封后售电网点方可售电。</translation>
    </message>
    <message>
        <source>The platform is not set up yet.</source>
        <translation>平台尚未初始化。</translation>
    </message>
    <message>
        <source>Ten wrong PINs in a row block the platform UKEY for good; it is replaced then, with kmpctl.</source>
        <translation>连续输错十次 PIN，平台UKEY即永久锁定，须用 kmpctl 更换。</translation>
    </message>
    <message>
        <source>All vending stops at once. Have whoever knows the PIN of the platform UKEY at hand.</source>
        <translation>售电立即全部停止。请确保知晓平台UKEY PIN 的人员在场。</translation>
    </message>
    <message>
        <source>nothing but the checkpoint itself</source>
        <translation>仅检查点本身</translation>
    </message>
    <message numerus="yes">
        <source>%n event(s)</source>
        <translation>
            <numerusform>%n 条事件</numerusform>
        </translation>
    </message>
    <message>
        <source>Last backup</source>
        <translation>最近备份</translation>
    </message>
    <message>
        <source>Go to it</source>
        <translation>前往查看</translation>
    </message>
    <message>
        <source>this computer saw nothing of it before</source>
        <translation>本机此前未见过该日志</translation>
    </message>
</context>
<context>
    <name>ui::home::OrdersChart</name>
    <message>
        <source>Orders per minute</source>
        <translation>每分钟订单数</translation>
    </message>
    <message>
        <source>%1 in the last minute, %2 of them refused</source>
        <translation>最近一分钟 %1 笔，其中 %2 笔被拒绝</translation>
    </message>
    <message>
        <source>60 min ago</source>
        <translation>60 分钟前</translation>
    </message>
    <message>
        <source>now</source>
        <translation>现在</translation>
    </message>
</context>
<context>
    <name>ui::home::ReaderCard</name>
    <message>
        <source>open</source>
        <translation>已登录</translation>
    </message>
    <message>
        <source>Blank UKEY</source>
        <translation>空白UKEY</translation>
    </message>
    <message>
        <source>can be issued</source>
        <translation>可签发</translation>
    </message>
    <message>
        <source>Being read …</source>
        <translation>正在读取…</translation>
    </message>
    <message>
        <source>Another platform&apos;s UKEY</source>
        <translation>其他平台的 UKEY</translation>
    </message>
    <message>
        <source>Cannot be read</source>
        <translation>无法读取</translation>
    </message>
    <message>
        <source>Nothing plugged in</source>
        <translation>未插入 UKEY</translation>
    </message>
    <message>
        <source>Reader %1: %2</source>
        <translation>插槽 %1：%2</translation>
    </message>
    <message>
        <source>UKEY</source>
        <translation>UKEY</translation>
    </message>
    <message>
        <source>known after unsealing</source>
        <translation>启封后可知</translation>
    </message>
</context>
<context>
    <name>ui::issue::BatchModel</name>
    <message>
        <source>Paste a list, or load one.</source>
        <translation>请粘贴或载入清单。</translation>
    </message>
    <message>
        <source>Line %1: %2</source>
        <translation>第 %1 行：%2</translation>
    </message>
    <message>
        <source>sells nothing</source>
        <translation>不售电</translation>
    </message>
    <message>
        <source>%1 an order, %2 a day</source>
        <translation>每单 %1，每日 %2</translation>
    </message>
    <message>
        <source>waits</source>
        <translation>等待</translation>
    </message>
    <message>
        <source>Holder</source>
        <translation>持有人</translation>
    </message>
    <message>
        <source>Station</source>
        <translation>售电网点</translation>
    </message>
    <message>
        <source>At most</source>
        <translation>限额</translation>
    </message>
    <message>
        <source>Reader</source>
        <translation>插槽</translation>
    </message>
    <message>
        <source>State</source>
        <translation>状态</translation>
    </message>
    <message>
        <source>UKEYs to issue</source>
        <translation>待签发 UKEY</translation>
    </message>
</context>
<context>
    <name>ui::issue::BatchRun</name>
    <message>
        <source>outcome unknown: look at the list of UKEYs</source>
        <translation>结果未知：请查看 UKEY 列表</translation>
    </message>
    <message>
        <source>The master-control UKEY was pulled. Its PIN was wiped.</source>
        <translation>主控UKEY已拔出，其 PIN 已清除。</translation>
    </message>
    <message>
        <source>What is issued already could not be read.</source>
        <translation>无法读取已签发的 UKEY。</translation>
    </message>
    <message>
        <source>issued before as %1</source>
        <translation>此前已签发为 %1</translation>
    </message>
    <message>
        <source>is asked for</source>
        <translation>正在提交</translation>
    </message>
    <message>
        <source>is being issued</source>
        <translation>正在签发</translation>
    </message>
    <message>
        <source>issued as %1</source>
        <translation>已签发为 %1</translation>
    </message>
    <message>
        <source>It stopped at %1.</source>
        <translation>在 %1 处停止。</translation>
    </message>
    <message>
        <source>request %1 asks for it already</source>
        <translation>申请 %1 已包含</translation>
    </message>
    <message>
        <source>Looking at what is issued already …</source>
        <translation>正在查看已签发的 UKEY…</translation>
    </message>
    <message>
        <source>Plug a blank UKEY for %1 into reader %2.</source>
        <translation>请将 %1 的空白UKEY插入插槽 %2。</translation>
    </message>
    <message>
        <source>Leave only one blank UKEY plugged in: the one for %1.</source>
        <translation>请只保留一个空白UKEY，用于 %1。</translation>
    </message>
    <message>
        <source>Plug in a blank UKEY for %1.</source>
        <translation>请插入 %1 的空白UKEY。</translation>
    </message>
    <message>
        <source>%1 types the PIN of the UKEY in reader %2.</source>
        <translation>请 %1 输入插槽 %2 中 UKEY 的 PIN。</translation>
    </message>
    <message>
        <source>Asking the officers for the UKEY of %1 …</source>
        <translation>正在为 %1 的 UKEY 提交审批…</translation>
    </message>
    <message>
        <source>Issuing the UKEY of %1 …</source>
        <translation>正在签发 %1 的 UKEY…</translation>
    </message>
    <message>
        <source>Pull UKEY %1, label it, and hand it to %2.</source>
        <translation>请拔出 UKEY %1，贴标签后交给 %2。</translation>
    </message>
    <message>
        <source>Everything is asked for. The officers decide on the page Approvals.</source>
        <translation>已全部提交。由安全官在“审批”页审批。</translation>
    </message>
    <message>
        <source>All are issued.</source>
        <translation>已全部签发。</translation>
    </message>
    <message>
        <source>The UKEY before is still being issued. Wait a moment, then go on.</source>
        <translation>上一个 UKEY 仍在签发中，请稍候再继续。</translation>
    </message>
    <message>
        <source>request %1: blank UKEY into reader %2</source>
        <translation>申请 %1：空白UKEY插入插槽 %2</translation>
    </message>
</context>
<context>
    <name>ui::issue::BatchWizard</name>
    <message>
        <source>The last look</source>
        <translation>最后确认</translation>
    </message>
    <message>
        <source>Issue many UKEYs</source>
        <translation>批量签发 UKEY</translation>
    </message>
    <message>
        <source>Begin</source>
        <translation>开始</translation>
    </message>
    <message>
        <source>%1 to issue from the list: %2</source>
        <translation>按清单签发 %1 个：%2</translation>
    </message>
    <message>
        <source>One after the other: plug in a blank UKEY, wait until it is issued, pull it, label it.</source>
        <translation>逐个进行：插入空白UKEY，等待签发完成，拔出并贴标签。</translation>
    </message>
    <message>
        <source>The PIN of the master-control UKEY is kept only until the list is done or stopped, and while that UKEY stays plugged in.</source>
        <translation>主控UKEY的 PIN 仅保留到清单完成或停止为止，且该 UKEY 须保持插入。</translation>
    </message>
    <message>
        <source>First PIN of all new UKEYs</source>
        <translation>新 UKEY 统一初始 PIN</translation>
    </message>
    <message>
        <source>It has begun.</source>
        <translation>已开始。</translation>
    </message>
    <message>
        <source>Each, where its row says nothing else: %1</source>
        <translation>各行未另行说明的：%1</translation>
    </message>
    <message>
        <source>; </source>
        <translation>；</translation>
    </message>
    <message>
        <source>All of them name reader %1, where the rows name none. Before each request is run, put the next blank UKEY into this reader; when it is done, pull it and label it.</source>
        <translation>未指定插槽的各行均使用插槽 %1。执行每个申请之前，请将下一个空白UKEY插入此插槽；完成后拔出并贴标签。</translation>
    </message>
    <message>
        <source>Rows that name no reader take the only one with a blank UKEY: plug in just one. Before each request is run, put the next blank UKEY into this reader; when it is done, pull it and label it.</source>
        <translation>未指定插槽的行使用唯一插有空白UKEY的插槽：请只插入一个。执行每个申请之前，请将下一个空白UKEY插入此插槽；完成后拔出并贴标签。</translation>
    </message>
    <message>
        <source>Each becomes a request of its own. The PIN is typed when it is run.</source>
        <translation>每项各成一份申请，PIN 在执行时输入。</translation>
    </message>
    <message>
        <source>All get the same first PIN.</source>
        <translation>全部使用同一初始 PIN。</translation>
    </message>
</context>
<context>
    <name>ui::issue::BlankStep</name>
    <message>
        <source>Which blank UKEY?</source>
        <translation>选择空白UKEY</translation>
    </message>
    <message>
        <source>The readers as they are now. Choose the blank UKEY that is to be issued.</source>
        <translation>以下为各插槽当前状态。请选择要签发的空白UKEY。</translation>
    </message>
    <message>
        <source>Plug in a blank UKEY.</source>
        <translation>请插入空白UKEY。</translation>
    </message>
    <message>
        <source>Choose one of the blank UKEYs.</source>
        <translation>请选择一个空白UKEY。</translation>
    </message>
    <message>
        <source>No blank UKEY is plugged in.</source>
        <translation>未插入空白UKEY。</translation>
    </message>
    <message>
        <source>this one</source>
        <translation>已选</translation>
    </message>
    <message>
        <source>Plug one in: it is chosen by itself. One that was in use before is blank once it is erased, on the page UKEYs.</source>
        <translation>插入后自动选中。曾使用过的 UKEY 在“UKEY”页擦除后即为空白。</translation>
    </message>
</context>
<context>
    <name>ui::issue::IssueWizard</name>
    <message>
        <source>The last look</source>
        <translation>最后确认</translation>
    </message>
    <message>
        <source>Issue a UKEY</source>
        <translation>签发 UKEY</translation>
    </message>
    <message>
        <source>Issue</source>
        <translation>签发</translation>
    </message>
    <message>
        <source>New PIN, typed by %1</source>
        <translation>新 PIN（由 %1 输入）</translation>
    </message>
    <message>
        <source>First PIN of the new UKEY</source>
        <translation>新 UKEY 初始 PIN</translation>
    </message>
</context>
<context>
    <name>ui::issue::KindStep</name>
    <message>
        <source>The service does not answer.</source>
        <translation>服务无应答。</translation>
    </message>
    <message>
        <source>The platform is not set up yet.</source>
        <translation>平台尚未初始化。</translation>
    </message>
    <message>
        <source>The platform is sealed. Unseal it on the page Home.</source>
        <translation>平台已封存。请在“首页”启封。</translation>
    </message>
    <message>
        <source>The service refuses everything until its log can be written.</source>
        <translation>日志可写入之前，服务拒绝一切请求。</translation>
    </message>
    <message>
        <source>The log is not the one that is known here. Nothing is issued until the auditor has explained it.</source>
        <translation>此日志不是本机已知的日志。审计员查明之前不得签发。</translation>
    </message>
    <message>
        <source>What is the UKEY for?</source>
        <translation>UKEY 的用途</translation>
    </message>
    <message>
        <source>&amp;User UKEY: sell</source>
        <translation>用户UKEY：售电(&amp;U)</translation>
    </message>
    <message>
        <source>For a vending station: it encrypts vending data and authorises orders, within its grant.</source>
        <translation>供售电网点使用：在授权范围内加密售电数据并为订单生成认证码。</translation>
    </message>
    <message>
        <source>&amp;Key UKEY: meters&apos; keys</source>
        <translation>密钥UKEY：电表密钥(&amp;K)</translation>
    </message>
    <message>
        <source>For a meter engineer: it puts meters&apos; own keys in the place of the factory keys, and back.</source>
        <translation>供电表工程师使用：将出厂密钥更新为电表私有密钥，或恢复为出厂密钥。</translation>
    </message>
    <message>
        <source>&amp;Auditor UKEY: check</source>
        <translation>审计UKEY：核查(&amp;A)</translation>
    </message>
    <message>
        <source>For an auditor: it reads, checks and exports the log, and changes nothing.</source>
        <translation>供审计员使用：读取、核查和导出日志，不更改任何内容。</translation>
    </message>
    <message>
        <source>Further &amp;master-control UKEY</source>
        <translation>增设主控UKEY(&amp;M)</translation>
    </message>
    <message>
        <source>For another safe: whoever opens it can issue UKEYs when the first one is gone.</source>
        <translation>存入另一保险柜：原主控UKEY丢失后，可用其继续签发 UKEY。</translation>
    </message>
    <message>
        <source>Many at once, from a &amp;list …</source>
        <translation>按清单批量签发(&amp;L)…</translation>
    </message>
</context>
<context>
    <name>ui::issue::ListStep</name>
    <message>
        <source>Who gets one?</source>
        <translation>签发对象</translation>
    </message>
    <message>
        <source>A row for each: holder, station, caps of an order, a day and a month. Paste it from a spreadsheet, or load a CSV file. A first line may name the columns, as kmpctl has them.</source>
        <translation>每行一人：持有人、网点、单笔限额、每日限额、每月限额。可从电子表格粘贴，或载入 CSV 文件。首行可为列名，与 kmpctl 相同。</translation>
    </message>
    <message>
        <source>The list</source>
        <translation>清单</translation>
    </message>
    <message>
        <source>&amp;Load a file …</source>
        <translation>载入文件(&amp;L)…</translation>
    </message>
    <message>
        <source>The list cannot be read.</source>
        <translation>清单无法读取。</translation>
    </message>
    <message>
        <source>Load a list</source>
        <translation>载入清单</translation>
    </message>
    <message>
        <source>Lists (*.csv *.txt *.tsv);;All files (*)</source>
        <translation>清单 (*.csv *.txt *.tsv);;所有文件 (*)</translation>
    </message>
    <message>
        <source>It is larger than 4 MiB.</source>
        <translation>文件大于 4 MiB。</translation>
    </message>
    <message>
        <source>The file could not be read.</source>
        <translation>文件无法读取。</translation>
    </message>
    <message>
        <source>Choose another one.</source>
        <translation>请另选文件。</translation>
    </message>
</context>
<context>
    <name>ui::issue::RunStep</name>
    <message>
        <source>Stick after stick</source>
        <translation>逐个签发</translation>
    </message>
    <message>
        <source>&amp;Issue</source>
        <translation>签发(&amp;I)</translation>
    </message>
    <message>
        <source>Issued so far</source>
        <translation>已签发</translation>
    </message>
    <message>
        <source>New PIN</source>
        <translation>新 PIN</translation>
    </message>
    <message>
        <source>New PIN, once more</source>
        <translation>再次输入新 PIN</translation>
    </message>
    <message>
        <source>Once more</source>
        <translation>再次输入</translation>
    </message>
    <message>
        <source>%1 of %2</source>
        <translation>%1/%2</translation>
    </message>
    <message>
        <source>Go on …</source>
        <translation>继续…</translation>
    </message>
    <message>
        <source>Close</source>
        <translation>关闭</translation>
    </message>
    <message>
        <source>You have stopped it.</source>
        <translation>操作人员已停止签发。</translation>
    </message>
    <message>
        <source>Stop</source>
        <translation>停止</translation>
    </message>
    <message>
        <source>The holder types the new PIN, twice.</source>
        <translation>请持有人输入新 PIN 两次。</translation>
    </message>
    <message>
        <source>Both times the same, please.</source>
        <translation>两次输入须一致。</translation>
    </message>
</context>
<context>
    <name>ui::issue::TemplateStep</name>
    <message>
        <source>What may they do?</source>
        <translation>授权内容</translation>
    </message>
    <message>
        <source>It holds for every UKEY of the list. A row may have a station, caps and other terms of its own.</source>
        <translation>适用于清单中的所有 UKEY。各行可另设网点、限额和其他条款。</translation>
    </message>
    <message>
        <source>&amp;User UKEYs, for stations that sell</source>
        <translation>用户UKEY，供售电网点使用(&amp;U)</translation>
    </message>
    <message>
        <source>&amp;Key UKEYs, for meter engineers</source>
        <translation>密钥UKEY，供电表工程师使用(&amp;K)</translation>
    </message>
</context>
<context>
    <name>ui::issue::TermsStep</name>
    <message>
        <source>Who holds it, and what may it do?</source>
        <translation>持有人和授权</translation>
    </message>
    <message>
        <source>The person&apos;s name, as it is to stand in the log</source>
        <translation>姓名，与日志所载一致</translation>
    </message>
    <message>
        <source>One line, for the log</source>
        <translation>一行文字，记入日志</translation>
    </message>
    <message>
        <source>&amp;Valid until</source>
        <translation>有效期至(&amp;V)</translation>
    </message>
    <message>
        <source>&amp;Reason</source>
        <translation>原因(&amp;R)</translation>
    </message>
    <message>
        <source>&amp;Holder</source>
        <translation>持有人(&amp;H)</translation>
    </message>
</context>
<context>
    <name>ui::keys::BackupView</name>
    <message>
        <source>Backup</source>
        <translation>备份</translation>
    </message>
    <message>
        <source>1.  Plug in a stick, or name a place of its own.
2.  Back up, every night and before every rotation.
3.  Carry it away, and its checkpoint apart from it.
4.  Try a restore on another machine now and then.</source>
        <translation>1.  插入存储盘，或指定专用位置。
2.  每晚及每次密钥轮换之前备份。
3.  移至他处保管，检查点另行存放。
4.  不时在另一台机器上试行恢复。</translation>
    </message>
    <message>
        <source>&amp;Back up …</source>
        <translation>备份(&amp;B)…</translation>
    </message>
    <message>
        <source>None was made yet.</source>
        <translation>尚未备份。</translation>
    </message>
    <message>
        <source>The last one was made %1 (%2).</source>
        <translation>最近备份：%1（%2）。</translation>
    </message>
</context>
<context>
    <name>ui::keys::CampaignView</name>
    <message>
        <source>UKEYs that lack masters</source>
        <translation>缺少主密钥的 UKEY</translation>
    </message>
    <message>
        <source>UKEY</source>
        <translation>UKEY</translation>
    </message>
    <message>
        <source>Holder</source>
        <translation>持有人</translation>
    </message>
    <message>
        <source>Lacks</source>
        <translation>缺少</translation>
    </message>
    <message>
        <source>%1 of %2</source>
        <translation>%1/%2</translation>
    </message>
    <message>
        <source>UKEYs with all masters of version %1</source>
        <translation>已有版本 %1 全部主密钥的 UKEY</translation>
    </message>
    <message>
        <source>no UKEY in service holds masters</source>
        <translation>没有持有主密钥的在用 UKEY</translation>
    </message>
    <message>
        <source>Meters on version %1</source>
        <translation>已更新到版本 %1 的电表</translation>
    </message>
    <message>
        <source>no meter is known yet</source>
        <translation>尚无已知电表</translation>
    </message>
    <message>
        <source>, </source>
        <translation>、</translation>
    </message>
    <message>
        <source>Next: engineers update the meters, each with their key UKEY.</source>
        <translation>下一步：由工程师用密钥UKEY更新电表。</translation>
    </message>
    <message>
        <source>Everything that is known is on the newest version.</source>
        <translation>所有已知的 UKEY 和电表均已更新到最新版本。</translation>
    </message>
    <message>
        <source>Next: give the new masters to the UKEYs that lack them (Give it masters, on the page of each), engineers&apos; first; then engineers update the meters.</source>
        <translation>下一步：为缺少新主密钥的 UKEY 注入主密钥（在各 UKEY 页面点击“注入主密钥”），先注入工程师的；再由工程师更新电表。</translation>
    </message>
</context>
<context>
    <name>ui::keys::KeysPage</name>
    <message>
        <source>Versions of the meters&apos; keys</source>
        <translation>电表密钥版本</translation>
    </message>
    <message>
        <source>Versions of the meters&apos; keys, and the master that each uses of every class</source>
        <translation>电表密钥版本及其各类别所用主密钥</translation>
    </message>
    <message>
        <source>&amp;Rotate …</source>
        <translation>轮换(&amp;R)…</translation>
    </message>
    <message>
        <source>&amp;Destroy …</source>
        <translation>销毁(&amp;D)…</translation>
    </message>
    <message>
        <source>How far the newest version has come</source>
        <translation>最新版本更新进度</translation>
    </message>
    <message>
        <source>&amp;Destroy version %1 …</source>
        <translation>销毁版本 %1(&amp;D)…</translation>
    </message>
    <message>
        <source>the versions are not read yet</source>
        <translation>尚未读取密钥版本</translation>
    </message>
    <message>
        <source>choose a version first</source>
        <translation>请先选择版本</translation>
    </message>
    <message>
        <source>the newest version is handed out and cannot be destroyed</source>
        <translation>最新版本正在下发，不能销毁</translation>
    </message>
    <message>
        <source>it is destroyed already</source>
        <translation>已销毁</translation>
    </message>
</context>
<context>
    <name>ui::keys::MeterView</name>
    <message>
        <source>A meter</source>
        <translation>电表查询</translation>
    </message>
    <message>
        <source>&amp;Look up</source>
        <translation>查询(&amp;L)</translation>
    </message>
    <message>
        <source>Allow a &amp;download …</source>
        <translation>允许下装(&amp;D)…</translation>
    </message>
    <message>
        <source>Number of the meter</source>
        <translation>表号</translation>
    </message>
    <message>
        <source>12 digits</source>
        <translation>12 位数字</translation>
    </message>
    <message>
        <source>Meter %1 is not known.</source>
        <translation>电表 %1 不存在。</translation>
    </message>
    <message>
        <source>It was neither given keys nor sold to. Look at the number once more.</source>
        <translation>此电表既未下装密钥，也未售电。请核对表号。</translation>
    </message>
    <message>
        <source>Meter</source>
        <translation>电表</translation>
    </message>
    <message>
        <source>Keys</source>
        <translation>密钥</translation>
    </message>
    <message>
        <source>its own, version %1</source>
        <translation>私有密钥，版本 %1</translation>
    </message>
    <message>
        <source>factory keys; it has had its own</source>
        <translation>出厂密钥；曾有私有密钥</translation>
    </message>
    <message>
        <source>factory keys</source>
        <translation>出厂密钥</translation>
    </message>
    <message>
        <source>Customer</source>
        <translation>客户编号</translation>
    </message>
    <message>
        <source>no account opened</source>
        <translation>未开户</translation>
    </message>
    <message>
        <source>Purchase count</source>
        <translation>购电次数</translation>
    </message>
    <message>
        <source>%1, %2 yuan, %3</source>
        <translation>%1，%2 元，%3</translation>
    </message>
    <message>
        <source>the meter has shown that it took it</source>
        <translation>电表已证实入账</translation>
    </message>
    <message>
        <source>not seen at the meter yet</source>
        <translation>尚未在电表上证实</translation>
    </message>
    <message>
        <source>Last order</source>
        <translation>最近订单</translation>
    </message>
    <message>
        <source>Charging card</source>
        <translation>购电卡</translation>
    </message>
    <message>
        <source>Download allowed</source>
        <translation>允许密钥下装</translation>
    </message>
    <message>
        <source>until %1</source>
        <translation>有效期至 %1</translation>
    </message>
    <message>
        <source>until %1, begun by %2</source>
        <translation>截止 %1，由 %2 开始</translation>
    </message>
    <message>
        <source>it has had no private keys, so nothing needs to be allowed</source>
        <translation>该电表从未有过私有密钥，无须允许</translation>
    </message>
</context>
<context>
    <name>ui::keys::RevocationView</name>
    <message>
        <source>Revocation list</source>
        <translation>吊销列表</translation>
    </message>
    <message>
        <source>&amp;Publish a new one …</source>
        <translation>发布新列表(&amp;P)…</translation>
    </message>
    <message>
        <source>List</source>
        <translation>列表</translation>
    </message>
    <message>
        <source>none yet</source>
        <translation>尚无</translation>
    </message>
    <message>
        <source>number %1, with %2</source>
        <translation>第 %1 号，含 %2</translation>
    </message>
    <message numerus="yes">
        <source>%n certificate(s)</source>
        <translation>
            <numerusform>%n 张证书</numerusform>
        </translation>
    </message>
    <message>
        <source>Signed</source>
        <translation>签发时间</translation>
    </message>
    <message>
        <source>Good until</source>
        <translation>有效期至</translation>
    </message>
    <message>
        <source>%1 (%2)</source>
        <translation>%1（%2）</translation>
    </message>
    <message>
        <source>Trust anchor</source>
        <translation>信任锚</translation>
    </message>
    <message>
        <source>It holds until</source>
        <translation>信任锚有效期至</translation>
    </message>
    <message>
        <source>Vouched for by</source>
        <translation>上级证书</translation>
    </message>
    <message>
        <source>root %1, until %2</source>
        <translation>根 CA %1，有效期至 %2</translation>
    </message>
    <message>
        <source>&amp;Save the trust anchor …</source>
        <translation>保存信任锚(&amp;S)…</translation>
    </message>
    <message>
        <source>it was not read yet</source>
        <translation>尚未读取</translation>
    </message>
    <message>
        <source>the service did not show it</source>
        <translation>服务未提供</translation>
    </message>
    <message>
        <source>For auditors: they verify reports and exports with it</source>
        <translation>供审计员验证报告和导出文件</translation>
    </message>
    <message>
        <source>Save the trust anchor</source>
        <translation>保存信任锚</translation>
    </message>
    <message>
        <source>Certificates (*.pem)</source>
        <translation>证书 (*.pem)</translation>
    </message>
    <message>
        <source>The trust anchor is in %1.</source>
        <translation>信任锚已保存至 %1。</translation>
    </message>
    <message>
        <source>Give it to the auditor, who compares its fingerprint with the minutes of the ceremony.</source>
        <translation>请交给审计员，由其与仪式记录核对指纹。</translation>
    </message>
</context>
<context>
    <name>ui::keys::VersionsModel</name>
    <message>
        <source>%1 destroyed</source>
        <translation>%1 已销毁</translation>
    </message>
    <message>
        <source>The master of version %1 is gone from the master-control UKEY.</source>
        <translation>版本 %1 的主密钥已从主控UKEY中销毁。</translation>
    </message>
    <message>
        <source>Drawn for this version.</source>
        <translation>为此版本生成。</translation>
    </message>
    <message>
        <source>Goes on with the master of version %1.</source>
        <translation>沿用版本 %1 的主密钥。</translation>
    </message>
    <message>
        <source>destroyed</source>
        <translation>已销毁</translation>
    </message>
    <message>
        <source>handed out now</source>
        <translation>当前下发</translation>
    </message>
    <message>
        <source>kept</source>
        <translation>保留</translation>
    </message>
    <message>
        <source>Version</source>
        <translation>版本</translation>
    </message>
    <message>
        <source>State</source>
        <translation>状态</translation>
    </message>
    <message>
        <source>Meters</source>
        <translation>电表</translation>
    </message>
    <message>
        <source>UKEYs</source>
        <translation>UKEY</translation>
    </message>
    <message>
        <source>UKEYs lack it</source>
        <translation>缺少的 UKEY</translation>
    </message>
    <message>
        <source>Which master of this class the version uses</source>
        <translation>此版本使用的该类别主密钥</translation>
    </message>
    <message>
        <source>Meters that are known to hold it</source>
        <translation>已知持有此版本的电表</translation>
    </message>
    <message>
        <source>UKEYs in service that hold every master of it that they may</source>
        <translation>已持有其授权范围内此版本全部主密钥的在用 UKEY</translation>
    </message>
    <message>
        <source>UKEYs in service that lack a master of it that they may hold</source>
        <translation>尚缺其授权范围内此版本主密钥的在用 UKEY</translation>
    </message>
</context>
<context>
    <name>ui::log::EventView</name>
    <message>
        <source>Close the detail</source>
        <translation>关闭详情</translation>
    </message>
    <message>
        <source>Close the detail (Esc)</source>
        <translation>关闭详情 (Esc)</translation>
    </message>
    <message>
        <source>&amp;Proof …</source>
        <translation>证明(&amp;P)…</translation>
    </message>
    <message>
        <source>A file that shows anybody that this event is in the log, and nothing else of it</source>
        <translation>生成证明文件，向任何人证明此事件在日志中，不泄露其他内容</translation>
    </message>
    <message>
        <source>&amp;All of the same</source>
        <translation>同类事件(&amp;A)</translation>
    </message>
    <message>
        <source>&amp;Copy</source>
        <translation>复制(&amp;C)</translation>
    </message>
    <message>
        <source>Copy all fields, as JSON</source>
        <translation>以 JSON 复制全部字段</translation>
    </message>
    <message>
        <source>Event %1</source>
        <translation>事件 %1</translation>
    </message>
    <message>
        <source>It left the live database for an archive segment.</source>
        <translation>已从在线数据库移入归档段。</translation>
    </message>
    <message>
        <source>The hashes of all events stay, so what was proved still holds. The segment has the event and can prove it: kmp-audit prove SEGMENT %1</source>
        <translation>所有事件的哈希均保留，已有证明仍然有效。归档段含有该事件并可提供证明：kmp-audit prove SEGMENT %1</translation>
    </message>
    <message>
        <source>Event %1 · %2</source>
        <translation>事件 %1 · %2</translation>
    </message>
    <message>
        <source>Type</source>
        <translation>类型</translation>
    </message>
    <message>
        <source>Leaf hash</source>
        <translation>叶哈希</translation>
    </message>
    <message>
        <source>&amp;UKEY %1</source>
        <translation>UKEY %1(&amp;U)</translation>
    </message>
    <message>
        <source>%1: %2</source>
        <translation>%1：%2</translation>
    </message>
    <message>
        <source>Go to event %1</source>
        <translation>转到事件 %1</translation>
    </message>
    <message>
        <source>The service does not show this event.</source>
        <translation>服务不显示此事件。</translation>
    </message>
    <message>
        <source>It is in no archive segment, and a log has no gaps: the event was lost, or it is hidden. Do not rely on what the service shows. Change nothing and have it sealed; keep your exports and your checkpoints. The auditors&apos; handbook says in section 10 what comes next.</source>
        <translation>该事件不在任何归档段中，而日志不应有空缺：事件已丢失或被隐瞒。请勿采信服务所显示的内容。请勿作任何更改并封存服务；保留导出文件和检查点。后续处理见审计员手册第 10 节。</translation>
    </message>
</context>
<context>
    <name>ui::log::FilterDialog</name>
    <message>
        <source>A day as 2026-11-23, a time as 2026-11-23 14:05, or a length before now: 7d, 12h, 30m</source>
        <translation>日期如 2026-11-23，时间如 2026-11-23 14:05，或距今时长：7d、12h、30m</translation>
    </message>
    <message>
        <source>any time</source>
        <translation>不限</translation>
    </message>
    <message>
        <source>Filter</source>
        <translation>筛选</translation>
    </message>
    <message>
        <source>Which events?</source>
        <translation>筛选哪些事件？</translation>
    </message>
    <message>
        <source>Of several values of one kind any will do; different kinds must all fit. Separate several values by commas.</source>
        <translation>同一条件的多个值满足其一即可，不同条件须同时满足。多个值用逗号分隔。</translation>
    </message>
    <message>
        <source>Show events</source>
        <translation>显示事件</translation>
    </message>
    <message>
        <source>Clear all</source>
        <translation>全部清除</translation>
    </message>
    <message>
        <source>serial, as US-EF0D5D8B</source>
        <translation>序列号，如 US-EF0D5D8B</translation>
    </message>
    <message>
        <source>its name</source>
        <translation>名称</translation>
    </message>
    <message>
        <source>12 digits</source>
        <translation>12 位数字</translation>
    </message>
    <message>
        <source>its id</source>
        <translation>编号</translation>
    </message>
    <message>
        <source>word for word, as uid 1000 (pid 4711)</source>
        <translation>完整填写，如 uid 1000 (pid 4711)</translation>
    </message>
    <message>
        <source>at least</source>
        <translation>最低</translation>
    </message>
    <message>
        <source>at most</source>
        <translation>最高</translation>
    </message>
    <message>
        <source>Amount (yuan)</source>
        <translation>金额（元）</translation>
    </message>
    <message>
        <source>T&amp;ypes</source>
        <translation>类型(&amp;Y)</translation>
    </message>
    <message>
        <source>Types of events</source>
        <translation>事件类型</translation>
    </message>
</context>
<context>
    <name>ui::log::LogModel</name>
    <message>
        <source>It is in an archive segment.</source>
        <translation>在归档段中。</translation>
    </message>
    <message>
        <source>Number</source>
        <translation>序号</translation>
    </message>
    <message>
        <source>Type</source>
        <translation>类型</translation>
    </message>
    <message>
        <source>What happened</source>
        <translation>内容</translation>
    </message>
    <message>
        <source>The service does not show this event.</source>
        <translation>服务不显示此事件。</translation>
    </message>
    <message>
        <source>Time (UTC%1)</source>
        <translation>时间（UTC%1）</translation>
    </message>
</context>
<context>
    <name>ui::log::LogPage</name>
    <message>
        <source>Log</source>
        <translation>日志</translation>
    </message>
    <message>
        <source>&amp;Verify the log</source>
        <translation>验证日志(&amp;V)</translation>
    </message>
    <message>
        <source>The service reads all of its database: pages, events, tree and rules</source>
        <translation>由服务读取整个数据库：数据页、事件、哈希树和规则</translation>
    </message>
    <message>
        <source>Check a &amp;receipt …</source>
        <translation>核验回执(&amp;R)…</translation>
    </message>
    <message>
        <source>The log is for auditors.</source>
        <translation>日志仅供审计员查看。</translation>
    </message>
    <message>
        <source>This platform shows its log to nobody else. Plug in an auditor UKEY and log in with its PIN.</source>
        <translation>本平台不向其他人显示日志。请插入审计UKEY并用其 PIN 登录。</translation>
    </message>
    <message>
        <source>&amp;Log in as auditor …</source>
        <translation>审计员登录(&amp;L)…</translation>
    </message>
    <message>
        <source>Try again</source>
        <translation>重试</translation>
    </message>
    <message>
        <source>It is being verified</source>
        <translation>正在验证</translation>
    </message>
    <message numerus="yes">
        <source>%n new event(s)</source>
        <translation>
            <numerusform>%n 条新事件</numerusform>
        </translation>
    </message>
    <message>
        <source>Show</source>
        <translation>显示</translation>
    </message>
    <message>
        <source>%1 events; those before %2 are in archive segments</source>
        <translation>%1 条事件；%2 之前的在归档段中</translation>
    </message>
    <message>
        <source>%1 events</source>
        <translation>%1 条事件</translation>
    </message>
    <message>
        <source>Reading the log …</source>
        <translation>正在读取日志…</translation>
    </message>
    <message numerus="yes">
        <source>%n found</source>
        <translation>
            <numerusform>找到 %n 条</numerusform>
        </translation>
    </message>
    <message>
        <source>looked through back to event %1</source>
        <translation>已查至事件 %1</translation>
    </message>
    <message>
        <source>looking …</source>
        <translation>正在查找…</translation>
    </message>
    <message>
        <source>events before %1 are in archive segments and were not looked at</source>
        <translation>%1 之前的事件在归档段中，未查找</translation>
    </message>
    <message>
        <source>all %1 events were looked through</source>
        <translation>已查完全部 %1 条事件</translation>
    </message>
    <message>
        <source>%1; %2</source>
        <translation>%1；%2</translation>
    </message>
    <message>
        <source>Stop</source>
        <translation>停止</translation>
    </message>
    <message>
        <source>Look further back</source>
        <translation>继续向前查找</translation>
    </message>
    <message>
        <source>Looking …</source>
        <translation>正在查找…</translation>
    </message>
    <message>
        <source>Nothing found so far.</source>
        <translation>尚未找到。</translation>
    </message>
    <message>
        <source>No event fits. Take a part of the filter away, or look for fewer words.</source>
        <translation>没有符合的事件。请减少筛选条件或关键词。</translation>
    </message>
    <message>
        <source>Words are looked for in the service&apos;s own English text, not in the sentences that are shown here.</source>
        <translation>关键词在服务的英文原文中查找，而非在此处显示的语句中查找。</translation>
    </message>
</context>
<context>
    <name>ui::log::LogTable</name>
    <message>
        <source>Events, the newest first</source>
        <translation>事件（最新在前）</translation>
    </message>
</context>
<context>
    <name>ui::log::ProofCheck</name>
    <message>
        <source>This computer knows no key of the log yet: it comes with the first checkpoint.</source>
        <translation>本机尚不知日志公钥：收到首个检查点后即可获得。</translation>
    </message>
    <message>
        <source>kmp-audit ended before it had an answer.</source>
        <translation>kmp-audit 未得出结果即退出。</translation>
    </message>
</context>
<context>
    <name>ui::log::ProofDialog</name>
    <message>
        <source>Proof of an event</source>
        <translation>事件证明</translation>
    </message>
    <message>
        <source>Proof of event %1</source>
        <translation>事件 %1 的证明</translation>
    </message>
    <message>
        <source>The file holds this event in full, and shows anybody who has the log&apos;s key that it is in the log. It shows no other event.</source>
        <translation>文件含此事件全文，可向持有日志公钥的任何人证明其在日志中，不显示其他事件。</translation>
    </message>
    <message>
        <source>&amp;Save the proof …</source>
        <translation>保存证明(&amp;S)…</translation>
    </message>
    <message>
        <source>The proof is saved.</source>
        <translation>证明已保存。</translation>
    </message>
    <message>
        <source>Whoever gets it checks it with kmp-audit verify-proof and the log&apos;s key.</source>
        <translation>接收者可用 kmp-audit verify-proof 和日志公钥核验。</translation>
    </message>
    <message>
        <source>Save the proof</source>
        <translation>保存证明</translation>
    </message>
    <message>
        <source>Try again</source>
        <translation>重试</translation>
    </message>
    <message>
        <source>The service proves it, and this computer checks the proof</source>
        <translation>由服务给出证明，由本机核验</translation>
    </message>
    <message>
        <source>The proof is being checked.</source>
        <translation>正在核验证明。</translation>
    </message>
    <message>
        <source>There is no proof yet.</source>
        <translation>尚无证明。</translation>
    </message>
    <message>
        <source>Proofs (*.proof)</source>
        <translation>证明 (*.proof)</translation>
    </message>
    <message>
        <source>Check again</source>
        <translation>重新核验</translation>
    </message>
    <message>
        <source>With these keys it was not checked yet.</source>
        <translation>尚未用这些公钥核验。</translation>
    </message>
</context>
<context>
    <name>ui::log::ReceiptDialog</name>
    <message>
        <source>Check a receipt</source>
        <translation>核验回执</translation>
    </message>
    <message>
        <source>Is it in the log?</source>
        <translation>是否在日志中？</translation>
    </message>
    <message>
        <source>A proof file</source>
        <translation>证明文件</translation>
    </message>
    <message>
        <source>As this window, kmpctl, kmp-audit or a station saves one. The service is not asked.</source>
        <translation>由本窗口、kmpctl、kmp-audit 或售电网点保存。核验不经过服务。</translation>
    </message>
    <message>
        <source>&amp;Choose a file …</source>
        <translation>选择文件(&amp;C)…</translation>
    </message>
    <message>
        <source>Or what a receipt says</source>
        <translation>或填写回执内容</translation>
    </message>
    <message>
        <source>Number of the event</source>
        <translation>事件序号</translation>
    </message>
    <message>
        <source>Leaf hash</source>
        <translation>叶哈希</translation>
    </message>
    <message>
        <source>64 digits 0 to 9 and a to f</source>
        <translation>64 位十六进制数字（0-9、a-f）</translation>
    </message>
    <message>
        <source>&amp;Number of the event</source>
        <translation>事件序号(&amp;N)</translation>
    </message>
    <message>
        <source>&amp;Leaf hash</source>
        <translation>叶哈希(&amp;L)</translation>
    </message>
    <message>
        <source>Chec&amp;k</source>
        <translation>核验(&amp;K)</translation>
    </message>
    <message>
        <source>It takes the number and all 64 digits of the leaf hash</source>
        <translation>须填写序号和完整的 64 位叶哈希</translation>
    </message>
    <message>
        <source>Choose a proof file</source>
        <translation>选择证明文件</translation>
    </message>
    <message>
        <source>Checking the proof</source>
        <translation>正在核验证明</translation>
    </message>
    <message>
        <source>A proof is being checked.</source>
        <translation>正在核验证明。</translation>
    </message>
    <message>
        <source>The file: %1</source>
        <translation>文件：%1</translation>
    </message>
</context>
<context>
    <name>ui::log::SearchBar</name>
    <message>
        <source>Words to look for</source>
        <translation>搜索关键词</translation>
    </message>
    <message>
        <source>Words in the event; revo* for all that begin so</source>
        <translation>事件中的词；revo* 匹配开头</translation>
    </message>
    <message>
        <source>&amp;Filter …</source>
        <translation>筛选(&amp;F)…</translation>
    </message>
    <message>
        <source>&amp;Searches</source>
        <translation>搜索(&amp;S)</translation>
    </message>
    <message>
        <source>Take away: %1</source>
        <translation>移除：%1</translation>
    </message>
    <message>
        <source>Take this part of the filter away</source>
        <translation>移除此筛选条件</translation>
    </message>
    <message>
        <source>Show everything</source>
        <translation>显示全部</translation>
    </message>
    <message>
        <source>No search is kept yet</source>
        <translation>尚未保存搜索</translation>
    </message>
    <message>
        <source>&amp;Keep this search …</source>
        <translation>保存搜索(&amp;K)…</translation>
    </message>
    <message>
        <source>Keep this search</source>
        <translation>保存搜索</translation>
    </message>
    <message>
        <source>Its name. A search of that name is replaced.</source>
        <translation>名称。同名搜索将被替换。</translation>
    </message>
    <message>
        <source>Look for something first</source>
        <translation>请先进行搜索</translation>
    </message>
    <message>
        <source>&amp;Rename</source>
        <translation>重命名(&amp;R)</translation>
    </message>
    <message>
        <source>&amp;Delete</source>
        <translation>删除(&amp;D)</translation>
    </message>
    <message>
        <source>Rename a search</source>
        <translation>重命名搜索</translation>
    </message>
    <message>
        <source>Its new name</source>
        <translation>新名称</translation>
    </message>
    <message>
        <source>Delete a search</source>
        <translation>删除搜索</translation>
    </message>
    <message>
        <source>Delete the search %1? The log stays as it is.</source>
        <translation>删除搜索 %1？日志不受影响。</translation>
    </message>
    <message>
        <source>Delete</source>
        <translation>删除</translation>
    </message>
    <message>
        <source>Words of the service&apos;s own English text; revo* for all that begin so</source>
        <translation>服务英文原文中的词；revo* 匹配开头</translation>
    </message>
</context>
<context>
    <name>ui::log::VerifyCard</name>
    <message>
        <source>Reading the pages of the database</source>
        <translation>正在读取数据库页</translation>
    </message>
    <message>
        <source>Holding the tree against the events</source>
        <translation>正在核对哈希树与事件</translation>
    </message>
    <message>
        <source>Reading the events and replaying the rules</source>
        <translation>正在读取事件并重放规则</translation>
    </message>
    <message>
        <source>Signing a checkpoint to verify up to</source>
        <translation>正在签署作为验证终点的检查点</translation>
    </message>
    <message>
        <source>&amp;Cancel</source>
        <translation>取消(&amp;C)</translation>
    </message>
    <message>
        <source>Put the verdict away</source>
        <translation>收起结论</translation>
    </message>
    <message>
        <source>Put the verdict away; the log keeps it</source>
        <translation>收起结论；日志中仍有记录</translation>
    </message>
    <message>
        <source>How far the verification is</source>
        <translation>验证进度</translation>
    </message>
    <message>
        <source>Findings</source>
        <translation>发现问题数</translation>
    </message>
    <message>
        <source>Verifying the log …</source>
        <translation>正在验证日志…</translation>
    </message>
    <message>
        <source>Verified</source>
        <translation>验证时间</translation>
    </message>
    <message>
        <source>%1, in %2</source>
        <translation>%1，用时 %2</translation>
    </message>
    <message>
        <source>Events</source>
        <translation>事件</translation>
    </message>
    <message>
        <source>Root</source>
        <translation>根哈希</translation>
    </message>
    <message>
        <source>Not verified: it was cancelled.</source>
        <translation>未验证：已取消。</translation>
    </message>
    <message>
        <source>Nothing is known of the log from this. It can be begun again at any time.</source>
        <translation>不能据此判断日志状况。可随时重新验证。</translation>
    </message>
    <message>
        <source>Not verified.</source>
        <translation>未验证。</translation>
    </message>
</context>
<context>
    <name>ui::parts::DeedDialog</name>
    <message>
        <source>Cancel</source>
        <translation>取消</translation>
    </message>
    <message>
        <source>Close</source>
        <translation>关闭</translation>
    </message>
    <message>
        <source>Stop waiting</source>
        <translation>停止等待</translation>
    </message>
</context>
<context>
    <name>ui::parts::DeedForm</name>
    <message>
        <source>%1, once more</source>
        <translation>再次输入%1</translation>
    </message>
    <message>
        <source>Once more</source>
        <translation>再次输入</translation>
    </message>
    <message>
        <source>One line, for the log</source>
        <translation>一行文字，记入日志</translation>
    </message>
    <message>
        <source>Reason</source>
        <translation>原因</translation>
    </message>
    <message>
        <source>PIN of the master-control UKEY</source>
        <translation>主控UKEY PIN</translation>
    </message>
    <message>
        <source>Your officer UKEY</source>
        <translation>安全官UKEY</translation>
    </message>
    <message>
        <source>PIN of your officer UKEY</source>
        <translation>安全官UKEY PIN</translation>
    </message>
    <message>
        <source>PIN of the auditor UKEY</source>
        <translation>审计UKEY PIN</translation>
    </message>
    <message>
        <source>PIN of the platform UKEY</source>
        <translation>平台UKEY PIN</translation>
    </message>
    <message>
        <source>The service does not answer.</source>
        <translation>服务无应答。</translation>
    </message>
    <message>
        <source>Plug in the master-control UKEY.</source>
        <translation>请插入主控UKEY。</translation>
    </message>
    <message>
        <source>Plug in your officer UKEY.</source>
        <translation>请插入安全官UKEY。</translation>
    </message>
    <message>
        <source>Plug in the auditor UKEY.</source>
        <translation>请插入审计UKEY。</translation>
    </message>
    <message>
        <source>Plug in UKEY %1.</source>
        <translation>请插入 UKEY %1。</translation>
    </message>
    <message>
        <source>%1 in reader %2</source>
        <translation>%1（插槽 %2）</translation>
    </message>
    <message>
        <source>Officers decide on this: it becomes a request.</source>
        <translation>此操作须经安全官审批，将提交为申请。</translation>
    </message>
    <message>
        <source>%1 of %2 officers must agree, on the page Approvals.</source>
        <translation>须在“审批”页由 %2 名安全官中的 %1 名同意。</translation>
    </message>
    <message>
        <source>Asking the service …</source>
        <translation>正在请求服务…</translation>
    </message>
    <message>
        <source>Request %1 asks for this already.</source>
        <translation>申请 %1 已包含此操作。</translation>
    </message>
    <message>
        <source>Request %1 was made.</source>
        <translation>申请 %1 已提交。</translation>
    </message>
    <message>
        <source>%1 officers must agree by %2.</source>
        <translation>须有 %1 名安全官在 %2 前同意。</translation>
    </message>
    <message>
        <source>Go to it</source>
        <translation>前往查看</translation>
    </message>
    <message>
        <source>Done.</source>
        <translation>已完成。</translation>
    </message>
    <message>
        <source>Both times the same, please: %1</source>
        <translation>两次输入不一致：%1</translation>
    </message>
    <message>
        <source>Write a reason: it stands in the log.</source>
        <translation>请填写原因，将记入日志。</translation>
    </message>
    <message>
        <source>Your auditor UKEY</source>
        <translation>您的审计UKEY</translation>
    </message>
    <message>
        <source>Type every PIN that is asked for.</source>
        <translation>请输入所要求的全部 PIN。</translation>
    </message>
    <message>
        <source>%1: %2</source>
        <translation>%1：%2</translation>
    </message>
    <message>
        <source>Ask the officers</source>
        <translation>提交审批</translation>
    </message>
    <message>
        <source>Choose yours</source>
        <translation>请选择您的 UKEY</translation>
    </message>
    <message>
        <source>Choose your auditor UKEY.</source>
        <translation>请选择您的审计UKEY。</translation>
    </message>
    <message>
        <source>Choose your officer UKEY.</source>
        <translation>请选择您的安全官UKEY。</translation>
    </message>
</context>
<context>
    <name>ui::parts::GrantEditor</name>
    <message>
        <source>As station-1: letters, digits, “-”, “_” and “.”</source>
        <translation>如 station-1：字母、数字、“-”、“_”和“.”</translation>
    </message>
    <message>
        <source>S&amp;tation</source>
        <translation>售电网点(&amp;T)</translation>
    </message>
    <message>
        <source>Nobody; or user ids of this machine, as 1001, 1002</source>
        <translation>无；或本机用户 ID，如 1001, 1002</translation>
    </message>
    <message>
        <source>Without its &amp;PIN</source>
        <translation>免 PIN 用户(&amp;P)</translation>
    </message>
    <message>
        <source>Sales</source>
        <translation>售电</translation>
    </message>
    <message>
        <source>At meters</source>
        <translation>电表操作</translation>
    </message>
    <message>
        <source>Data</source>
        <translation>数据</translation>
    </message>
    <message>
        <source>It may</source>
        <translation>允许操作</translation>
    </message>
    <message>
        <source>With keys of</source>
        <translation>密钥类别</translation>
    </message>
    <message>
        <source>E&amp;very meter</source>
        <translation>所有电表(&amp;V)</translation>
    </message>
    <message>
        <source>&amp;Only</source>
        <translation>仅限(&amp;O)</translation>
    </message>
    <message>
        <source>Meter numbers and ranges</source>
        <translation>表号及范围</translation>
    </message>
    <message>
        <source>000000100000-000000199999, 000000300000</source>
        <translation>000000100000-000000199999, 000000300000</translation>
    </message>
    <message>
        <source>Meters</source>
        <translation>电表</translation>
    </message>
    <message>
        <source>Cap of one order, yuan</source>
        <translation>单笔限额（元）</translation>
    </message>
    <message>
        <source>Cap of a day, yuan</source>
        <translation>每日限额（元）</translation>
    </message>
    <message>
        <source>Cap of a month, yuan</source>
        <translation>每月限额（元）</translation>
    </message>
    <message>
        <source>Orders a minute</source>
        <translation>每分钟订单数</translation>
    </message>
    <message>
        <source>yuan an order</source>
        <translation>元/单</translation>
    </message>
    <message>
        <source>yuan a day</source>
        <translation>元/日</translation>
    </message>
    <message>
        <source>yuan a month</source>
        <translation>元/月</translation>
    </message>
    <message>
        <source>orders a minute</source>
        <translation>单/分钟</translation>
    </message>
    <message>
        <source>At most</source>
        <translation>限额</translation>
    </message>
    <message>
        <source>%1:00 to %1:59 of the utility&apos;s day</source>
        <translation>%1:00 至 %1:59（供电公司时间）</translation>
    </message>
    <message>
        <source>Hours</source>
        <translation>时段</translation>
    </message>
    <message>
        <source>Days</source>
        <translation>星期</translation>
    </message>
    <message>
        <source>Valid until</source>
        <translation>有效期至</translation>
    </message>
    <message>
        <source>not &amp;before</source>
        <translation>不早于(&amp;B)</translation>
    </message>
    <message>
        <source>Not valid before</source>
        <translation>生效时间</translation>
    </message>
    <message>
        <source>Valid &amp;until</source>
        <translation>有效期至(&amp;U)</translation>
    </message>
    <message>
        <source>A user UKEY never holds it, so that it can never change a meter&apos;s keys.</source>
        <translation>用户UKEY不持有此类密钥，因此无法更改电表密钥。</translation>
    </message>
    <message>
        <source>Choose at least one hour.</source>
        <translation>请至少选择一个时段。</translation>
    </message>
    <message>
        <source>Choose at least one day.</source>
        <translation>请至少选择一天。</translation>
    </message>
    <message>
        <source>Local users are numbers, as “id -u” tells them.</source>
        <translation>本机用户为数字 ID，可用“id -u”查看。</translation>
    </message>
    <message>
        <source>It may not sell, so it has no caps.</source>
        <translation>未允许售电，因此无限额。</translation>
    </message>
</context>
<context>
    <name>ui::parts::KeysField</name>
    <message>
        <source>Keys of the log&apos;s checkpoints</source>
        <translation>日志检查点公钥</translation>
    </message>
    <message>
        <source>The one that this computer believes. Put in yours where you have it from elsewhere: then the proof rests on nothing that this computer keeps. Where the platform UKEY was replaced, put in the keys of before and after, with a space between them.</source>
        <translation>此为本机采信的公钥。如另有来源，请填入您的公钥：证明便不依赖本机所存内容。如更换过平台UKEY，请填入更换前后的公钥，以空格分隔。</translation>
    </message>
    <message>
        <source>Ke&amp;ys of the checkpoints</source>
        <translation>检查点公钥(&amp;Y)</translation>
    </message>
</context>
<context>
    <name>ui::parts::PinField</name>
    <message>
        <source>PIN</source>
        <translation>PIN</translation>
    </message>
    <message>
        <source>A new PIN or password has 6 to 128 bytes, and neither repeats one character nor counts up or down.</source>
        <translation>新 PIN 或口令须为 6 至 128 字节，不得全为同一字符，也不得为递增或递减序列。</translation>
    </message>
</context>
<context>
    <name>ui::parts::Program</name>
    <message>
        <source>%1 does not stand beside this program: %2</source>
        <translation>%1 不在本程序所在目录：%2</translation>
    </message>
    <message>
        <source>%1 ended before it was done</source>
        <translation>%1 未完成即退出</translation>
    </message>
</context>
<context>
    <name>ui::parts::Reasons</name>
    <message>
        <source>%1: %2</source>
        <translation>%1：%2</translation>
    </message>
</context>
<context>
    <name>ui::parts::Step</name>
    <message>
        <source>Next</source>
        <translation>下一步</translation>
    </message>
    <message>
        <source>Stop waiting</source>
        <translation>停止等待</translation>
    </message>
</context>
<context>
    <name>ui::parts::Wizard</name>
    <message>
        <source>Back</source>
        <translation>上一步</translation>
    </message>
    <message>
        <source>%1 · step %2 of %3</source>
        <translation>%1 · 第 %2 步，共 %3 步</translation>
    </message>
    <message>
        <source>Close</source>
        <translation>关闭</translation>
    </message>
    <message>
        <source>Cancel</source>
        <translation>取消</translation>
    </message>
</context>
<context>
    <name>ui::parts::Working</name>
    <message>
        <source>&amp;Cancel</source>
        <translation>取消(&amp;C)</translation>
    </message>
</context>
<context>
    <name>ui::review::ArchiveView</name>
    <message>
        <source>File</source>
        <translation>文件</translation>
    </message>
    <message>
        <source>Events</source>
        <translation>事件</translation>
    </message>
    <message>
        <source>Size</source>
        <translation>大小</translation>
    </message>
    <message>
        <source>Newest event</source>
        <translation>最新事件</translation>
    </message>
    <message>
        <source>Keep until</source>
        <translation>保存至</translation>
    </message>
    <message>
        <source>Opens with</source>
        <translation>可打开者</translation>
    </message>
    <message>
        <source>Archive segments</source>
        <translation>归档段</translation>
    </message>
    <message>
        <source>Nothing is archived: the export holds the log from its first event on.</source>
        <translation>尚无归档：导出文件包含自第一条事件起的日志。</translation>
    </message>
    <message>
        <source>Events before %1 are in the files below, and not in an export. They lie on the service&apos;s machine in the folder that they were archived into; kmp-audit verify takes them and an export together, as one log.</source>
        <translation>%1 之前的事件在下列文件中，不在导出文件中。这些文件位于服务所在机器的归档文件夹；kmp-audit verify 可将其与导出文件作为同一日志一并验证。</translation>
    </message>
    <message>
        <source>%1 to %2</source>
        <translation>%1 至 %2</translation>
    </message>
    <message>
        <source>in clear</source>
        <translation>明文</translation>
    </message>
    <message>
        <source>, </source>
        <translation>、</translation>
    </message>
</context>
<context>
    <name>ui::review::ChartPane</name>
    <message>
        <source>Chart: %1. The table beside it has the same numbers.</source>
        <translation>图表：%1。旁边的表格数据相同。</translation>
    </message>
    <message>
        <source>Copy</source>
        <translation>复制</translation>
    </message>
    <message>
        <source>Copy the table %1</source>
        <translation>复制表格 %1</translation>
    </message>
    <message>
        <source>Save as CSV …</source>
        <translation>保存为 CSV…</translation>
    </message>
    <message>
        <source>Save the table %1 as CSV</source>
        <translation>将表格 %1 保存为 CSV</translation>
    </message>
    <message>
        <source>Save the table</source>
        <translation>保存表格</translation>
    </message>
    <message>
        <source>%1.csv</source>
        <translation>%1.csv</translation>
    </message>
    <message>
        <source>Tables (*.csv)</source>
        <translation>表格 (*.csv)</translation>
    </message>
    <message>
        <source>The table is in %1.</source>
        <translation>表格已保存到 %1。</translation>
    </message>
</context>
<context>
    <name>ui::review::ChartsView</name>
    <message>
        <source>Period</source>
        <translation>期间</translation>
    </message>
    <message>
        <source>Last %1 days</source>
        <translation>最近 %1 天</translation>
    </message>
    <message>
        <source>From … to …</source>
        <translation>自…至…</translation>
    </message>
    <message>
        <source>First day</source>
        <translation>起始日期</translation>
    </message>
    <message>
        <source>Last day</source>
        <translation>截止日期</translation>
    </message>
    <message>
        <source>&amp;Show</source>
        <translation>显示(&amp;S)</translation>
    </message>
    <message>
        <source>&amp;Period</source>
        <translation>期间(&amp;P)</translation>
    </message>
    <message>
        <source>UKEYs issued and revoked</source>
        <translation>UKEY 签发和吊销</translation>
    </message>
    <message>
        <source>No UKEY was issued or revoked in this period.</source>
        <translation>此期间没有签发或吊销 UKEY。</translation>
    </message>
    <message>
        <source>Sales of each station, in yuan</source>
        <translation>各网点售电金额（元）</translation>
    </message>
    <message>
        <source>Nothing was sold in this period.</source>
        <translation>此期间没有售电。</translation>
    </message>
    <message>
        <source>Denials by code</source>
        <translation>拒绝原因统计</translation>
    </message>
    <message>
        <source>Nothing was denied in this period.</source>
        <translation>此期间没有拒绝记录。</translation>
    </message>
    <message>
        <source>%1 events read</source>
        <translation>已读取 %1 条事件</translation>
    </message>
    <message>
        <source>The last day is before the first.</source>
        <translation>截止日期早于起始日期。</translation>
    </message>
    <message>
        <source>Reading the log</source>
        <translation>正在读取日志</translation>
    </message>
    <message>
        <source>%1 events read; days of %2</source>
        <translation>已读取 %1 条事件；日期按 %2</translation>
    </message>
    <message>
        <source>Events before %1 are in the archive and are not counted.</source>
        <translation>%1 之前的事件在归档中，未计入。</translation>
    </message>
    <message>
        <source>More than %1 events would have to be read: what came after %2 is not counted. Choose a shorter period.</source>
        <translation>需读取的事件超过 %1 条：%2 之后的未计入。请选择较短期间。</translation>
    </message>
    <message>
        <source>Not all voids that came after the period were read.</source>
        <translation>期间之后的作废记录未全部读取。</translation>
    </message>
    <message>
        <source>Day</source>
        <translation>日</translation>
    </message>
    <message>
        <source>Week from</source>
        <translation>周（起始日）</translation>
    </message>
    <message>
        <source>Month</source>
        <translation>月</translation>
    </message>
    <message>
        <source>Issued</source>
        <translation>签发</translation>
    </message>
    <message>
        <source>Revoked</source>
        <translation>吊销</translation>
    </message>
    <message>
        <source>Net</source>
        <translation>净额</translation>
    </message>
    <message>
        <source>Station</source>
        <translation>售电网点</translation>
    </message>
    <message>
        <source>Orders</source>
        <translation>订单数</translation>
    </message>
    <message>
        <source>Sold</source>
        <translation>售电金额</translation>
    </message>
    <message>
        <source>Voids</source>
        <translation>作废笔数</translation>
    </message>
    <message>
        <source>Voided</source>
        <translation>作废金额</translation>
    </message>
    <message>
        <source>Refunded</source>
        <translation>退费金额</translation>
    </message>
    <message>
        <source>others</source>
        <translation>其他</translation>
    </message>
    <message>
        <source>The log is being read just now.</source>
        <translation>正在读取日志。</translation>
    </message>
    <message>
        <source>It is not known yet where the log begins.</source>
        <translation>尚未读取日志的起点。</translation>
    </message>
    <message>
        <source>These are the service&apos;s own figures, not verified. A daily report has verified ones.</source>
        <translation>以下为服务提供的数据，未经验证。日报中的数据经过验证。</translation>
    </message>
</context>
<context>
    <name>ui::review::CompareView</name>
    <message>
        <source>Is it still the log that it was?</source>
        <translation>日志是否仍与当时一致？</translation>
    </message>
    <message>
        <source>An &amp;earlier checkpoint of yours: its text, what a scanner reads from its QR code, or a file</source>
        <translation>自行保存的先前检查点：文本、二维码扫描内容或文件(&amp;E)</translation>
    </message>
    <message>
        <source>Com&amp;pare</source>
        <translation>比对(&amp;P)</translation>
    </message>
    <message>
        <source>Sa&amp;ve the proof …</source>
        <translation>保存证明(&amp;V)…</translation>
    </message>
    <message>
        <source>A checkpoint to take away</source>
        <translation>带走检查点</translation>
    </message>
    <message>
        <source>Save the proof</source>
        <translation>保存证明</translation>
    </message>
    <message>
        <source>growth-%1.proof</source>
        <translation>growth-%1.proof</translation>
    </message>
    <message>
        <source>Proofs (*.proof)</source>
        <translation>证明 (*.proof)</translation>
    </message>
    <message>
        <source>The proof is in %1.</source>
        <translation>证明已保存到 %1。</translation>
    </message>
    <message>
        <source>The checkpoint that this computer &amp;kept, over %1 events</source>
        <translation>本机保存的检查点，覆盖 %1 条事件(&amp;K)</translation>
    </message>
    <message>
        <source>The checkpoint that this computer &amp;kept: there is none yet</source>
        <translation>本机保存的检查点：尚无(&amp;K)</translation>
    </message>
    <message>
        <source>There is no proof yet: compare first.</source>
        <translation>尚无证明：请先比对。</translation>
    </message>
    <message>
        <source>There is no checkpoint to compare with yet.</source>
        <translation>尚无可比对的检查点。</translation>
    </message>
    <message>
        <source>The key that signs the checkpoints is not known here yet.</source>
        <translation>本机尚不知检查点签名公钥。</translation>
    </message>
    <message>
        <source>The service proves it</source>
        <translation>服务正在证明</translation>
    </message>
    <message>
        <source>Checking the proof</source>
        <translation>正在核验证明</translation>
    </message>
    <message>
        <source>kmp-audit verify-proof checks it anywhere, with the keys of the checkpoints and without the log.</source>
        <translation>用 kmp-audit verify-proof 和检查点公钥即可在任何地方核验，无须日志。</translation>
    </message>
    <message>
        <source>A comparison is under way.</source>
        <translation>正在比对。</translation>
    </message>
    <message>
        <source> or </source>
        <translation> 或 </translation>
    </message>
    <message>
        <source>Compared %1: the checkpoint over %2 events with the root %3 …, by the key %4.</source>
        <translation>比对于 %1：检查点覆盖 %2 条事件，根哈希 %3 …，公钥 %4。</translation>
    </message>
</context>
<context>
    <name>ui::review::DayReport</name>
    <message>
        <source>Reading the log: %1 events, %2</source>
        <translation>正在读取日志：%1 条事件，%2</translation>
    </message>
    <message>
        <source>Reading the log</source>
        <translation>正在读取日志</translation>
    </message>
    <message>
        <source>Verifying the log and drawing the report</source>
        <translation>正在验证日志并生成报告</translation>
    </message>
    <message>
        <source>cannot write %1: %2</source>
        <translation>无法写入 %1：%2</translation>
    </message>
</context>
<context>
    <name>ui::review::DayReportView</name>
    <message>
        <source>&amp;Make the report</source>
        <translation>生成报告(&amp;M)</translation>
    </message>
    <message>
        <source>&amp;Save …</source>
        <translation>保存(&amp;S)…</translation>
    </message>
    <message>
        <source>&amp;Print …</source>
        <translation>打印(&amp;P)…</translation>
    </message>
    <message>
        <source>&amp;Day</source>
        <translation>日期(&amp;D)</translation>
    </message>
    <message>
        <source>Day of the report</source>
        <translation>报告日期</translation>
    </message>
    <message>
        <source>&amp;Add archive segments …</source>
        <translation>添加归档段(&amp;A)…</translation>
    </message>
    <message>
        <source>The report of a day: the verdict, sales by station, what was issued, revoked and refused, and the checkpoint to file on paper.

The whole log is read and verified for it; nothing of it stays on this computer.</source>
        <translation>日报内容：验证结论、各网点售电情况、签发、吊销和拒绝记录，以及供纸质存档的检查点。

生成时读取并验证整个日志，本机不留存任何日志内容。</translation>
    </message>
    <message>
        <source>of %1, %2</source>
        <translation>%1，%2</translation>
    </message>
    <message>
        <source>The log is being read just now.</source>
        <translation>正在读取日志。</translation>
    </message>
    <message>
        <source>There is no report yet.</source>
        <translation>尚未生成报告。</translation>
    </message>
    <message>
        <source>Events before %1 are in archive segments. A day that lies there takes them as files.</source>
        <translation>%1 之前的事件在归档段中。报告日期在此范围内时，须添加归档段文件。</translation>
    </message>
    <message>
        <source>With %1</source>
        <translation>已添加 %1</translation>
    </message>
    <message>
        <source>, </source>
        <translation>、</translation>
    </message>
    <message>
        <source>Archive segments</source>
        <translation>归档段</translation>
    </message>
    <message>
        <source>Exports (*.kmpaudit);;All files (*)</source>
        <translation>日志导出文件 (*.kmpaudit);;所有文件 (*)</translation>
    </message>
    <message>
        <source>Save the report</source>
        <translation>保存报告</translation>
    </message>
    <message>
        <source>report-%1.pdf</source>
        <translation>report-%1.pdf</translation>
    </message>
    <message>
        <source>PDF (*.pdf)</source>
        <translation>PDF (*.pdf)</translation>
    </message>
    <message>
        <source>The report is in %1.</source>
        <translation>报告已保存到 %1。</translation>
    </message>
    <message>
        <source>It holds the checkpoint of the log: keep it where nobody of the utility can write.</source>
        <translation>报告中含有日志检查点：请存放在供电公司人员无法改写之处。</translation>
    </message>
    <message>
        <source>Printing page %1 of %2</source>
        <translation>正在打印第 %1 页，共 %2 页</translation>
    </message>
    <message>
        <source>The report went to the printer.</source>
        <translation>报告已送打印机。</translation>
    </message>
    <message>
        <source>Sign it and file it: it is a checkpoint outside this machine.</source>
        <translation>请签字归档：这是本机之外的检查点。</translation>
    </message>
    <message>
        <source>The report was not printed.</source>
        <translation>报告未打印。</translation>
    </message>
    <message>
        <source>It was cancelled, or the printer took no page.</source>
        <translation>打印已取消，或打印机未接收。</translation>
    </message>
    <message>
        <source>It is not known yet where the log begins.</source>
        <translation>尚未读取日志的起点。</translation>
    </message>
    <message>
        <source>It is being printed.</source>
        <translation>正在打印。</translation>
    </message>
    <message>
        <source>It says that the log is NOT sound: keep it with the evidence, where nobody of the utility can write.</source>
        <translation>报告表明日志不完好：请作为证据保存在供电公司人员无法写入之处。</translation>
    </message>
</context>
<context>
    <name>ui::review::ExportView</name>
    <message>
        <source>What</source>
        <translation>导出范围</translation>
    </message>
    <message>
        <source>&amp;All of the log</source>
        <translation>全部日志(&amp;A)</translation>
    </message>
    <message>
        <source>The &amp;days</source>
        <translation>按日期(&amp;D)</translation>
    </message>
    <message>
        <source>First day</source>
        <translation>起始日期</translation>
    </message>
    <message>
        <source>Last day</source>
        <translation>截止日期</translation>
    </message>
    <message>
        <source>to</source>
        <translation>至</translation>
    </message>
    <message>
        <source>Who can open it</source>
        <translation>谁可打开</translation>
    </message>
    <message>
        <source>&amp;Everybody: in clear</source>
        <translation>任何人：明文(&amp;E)</translation>
    </message>
    <message>
        <source>&amp;Only these auditor UKEYs</source>
        <translation>仅限以下审计UKEY(&amp;O)</translation>
    </message>
    <message>
        <source>Auditor UKEYs</source>
        <translation>审计UKEY</translation>
    </message>
    <message>
        <source>No auditor UKEY is in use. An officer issues one on the page UKEYs.</source>
        <translation>没有使用中的审计UKEY。请安全官在“UKEY”页签发。</translation>
    </message>
    <message>
        <source>E&amp;xport …</source>
        <translation>导出(&amp;X)…</translation>
    </message>
    <message>
        <source>Verify a &amp;file …</source>
        <translation>验证文件(&amp;F)…</translation>
    </message>
    <message>
        <source>Archive</source>
        <translation>归档</translation>
    </message>
    <message>
        <source>%1 written</source>
        <translation>已写入 %1</translation>
    </message>
    <message>
        <source>%1 of %2 events, %3 written</source>
        <translation>%1/%2 条事件，已写入 %3</translation>
    </message>
    <message>
        <source>%1 · %2</source>
        <translation>%1 · %2</translation>
    </message>
    <message>
        <source>The log is being read for a report just now.</source>
        <translation>正在为报告读取日志。</translation>
    </message>
    <message>
        <source>The last day is before the first.</source>
        <translation>截止日期早于起始日期。</translation>
    </message>
    <message>
        <source>Choose at least one auditor UKEY.</source>
        <translation>请至少选择一个审计UKEY。</translation>
    </message>
    <message>
        <source>Choose at most %1 auditor UKEYs.</source>
        <translation>最多选择 %1 个审计UKEY。</translation>
    </message>
    <message>
        <source>Days of %1, %2. The export goes on to the next checkpoint, which proves it; it can be verified as a part, but the rules are replayed over a whole log only.</source>
        <translation>按 %1（%2）的日期。导出延续至下一个检查点以供证明；可作为部分日志验证，但规则重放仅适用于完整日志。</translation>
    </message>
    <message>
        <source>What is not archived: it can be verified anywhere, rules and all.</source>
        <translation>全部未归档内容：可在任何地方完整验证，包括规则。</translation>
    </message>
    <message>
        <source>log-%1.kmpaudit</source>
        <translation>log-%1.kmpaudit</translation>
    </message>
    <message>
        <source>log-%1-to-%2.kmpaudit</source>
        <translation>log-%1-to-%2.kmpaudit</translation>
    </message>
    <message>
        <source>Export the log</source>
        <translation>导出日志</translation>
    </message>
    <message>
        <source>Exports (*.kmpaudit)</source>
        <translation>日志导出文件 (*.kmpaudit)</translation>
    </message>
    <message>
        <source>Asking for the log</source>
        <translation>正在请求日志</translation>
    </message>
    <message>
        <source>The export was cancelled. No file was left.</source>
        <translation>导出已取消，未留下文件。</translation>
    </message>
    <message>
        <source>Events %1 to %2, %3.</source>
        <translation>事件 %1 至 %2，%3。</translation>
    </message>
    <message>
        <source>The export is in %1.</source>
        <translation>已导出到 %1。</translation>
    </message>
    <message>
        <source>Verify a file of the log</source>
        <translation>验证日志文件</translation>
    </message>
    <message>
        <source>Exports (*.kmpaudit);;All files (*)</source>
        <translation>日志导出文件 (*.kmpaudit);;所有文件 (*)</translation>
    </message>
    <message>
        <source>Cancelling: what was written is being removed</source>
        <translation>正在取消：正在删除已写入的内容</translation>
    </message>
    <message>
        <source>An export is being written.</source>
        <translation>正在写入导出文件。</translation>
    </message>
    <message>
        <source>A file is being verified.</source>
        <translation>正在验证文件。</translation>
    </message>
    <message>
        <source>It was whole before it could be cancelled: remove the file if you do not want it.</source>
        <translation>取消前导出已完成：如不需要，请删除该文件。</translation>
    </message>
    <message>
        <source>Nothing was exported.</source>
        <translation>未导出任何内容。</translation>
    </message>
    <message>
        <source>The export was cancelled. The older file of that name was left as it was.</source>
        <translation>导出已取消，原有同名文件保持不变。</translation>
    </message>
</context>
<context>
    <name>ui::review::NoteField</name>
    <message>
        <source>&amp;From a file …</source>
        <translation>从文件读取(&amp;F)…</translation>
    </message>
    <message>
        <source>Text of the earlier checkpoint</source>
        <translation>先前检查点的文本</translation>
    </message>
    <message>
        <source>Paste the checkpoint here: whose log it is, how many events, a hash, and the signature</source>
        <translation>在此粘贴检查点：日志归属、事件数、哈希和签名</translation>
    </message>
    <message>
        <source>This is no checkpoint, or not all of one: it has at least five lines, the last of them a signature.</source>
        <translation>这不是检查点，或内容不完整：检查点至少五行，末行为签名。</translation>
    </message>
    <message>
        <source>%1 events of %2</source>
        <translation>%2，%1 条事件</translation>
    </message>
    <message>
        <source>An earlier checkpoint</source>
        <translation>先前的检查点</translation>
    </message>
    <message>
        <source>Checkpoints (*.note *.txt);;All files (*)</source>
        <translation>检查点 (*.note *.txt);;所有文件 (*)</translation>
    </message>
</context>
<context>
    <name>ui::review::OwnNote</name>
    <message>
        <source>Hold it against a checkpoint of &amp;your own, in place of the one that this computer kept</source>
        <translation>与您自行保存的检查点比对，代替本机保存的检查点(&amp;Y)</translation>
    </message>
    <message>
        <source>One that you took away: from paper, a QR code or a file. What was changed since then shows, even if this computer was changed too.</source>
        <translation>即您此前带走的检查点：纸质、二维码或文件。即使本机也被更改，此后的更改仍可发现。</translation>
    </message>
    <message>
        <source>Your own checkpoint is still missing.</source>
        <translation>尚未填入您自行保存的检查点。</translation>
    </message>
</context>
<context>
    <name>ui::review::PdfView</name>
    <message>
        <source>Page before (Page Up)</source>
        <translation>上一页 (Page Up)</translation>
    </message>
    <message>
        <source>Next page (Page Down)</source>
        <translation>下一页 (Page Down)</translation>
    </message>
    <message>
        <source>Smaller (Ctrl+-)</source>
        <translation>缩小 (Ctrl+-)</translation>
    </message>
    <message>
        <source>Larger (Ctrl++)</source>
        <translation>放大 (Ctrl++)</translation>
    </message>
    <message>
        <source>Page %1 of %2</source>
        <translation>第 %1 页，共 %2 页</translation>
    </message>
</context>
<context>
    <name>ui::review::QrView</name>
    <message>
        <source>The checkpoint as a QR code</source>
        <translation>检查点二维码</translation>
    </message>
</context>
<context>
    <name>ui::review::ReviewPage</name>
    <message>
        <source>Charts</source>
        <translation>图表</translation>
    </message>
    <message>
        <source>Daily report</source>
        <translation>日报</translation>
    </message>
    <message>
        <source>Export</source>
        <translation>导出</translation>
    </message>
    <message>
        <source>Compare</source>
        <translation>比对</translation>
    </message>
    <message>
        <source>The log of this platform is for auditors alone.</source>
        <translation>本平台的日志仅供审计员查看。</translation>
    </message>
    <message>
        <source>Plug in your auditor UKEY and log in: reports, exports and comparisons are made in your name then.</source>
        <translation>请插入审计UKEY并登录：报告、导出和比对将以审计员本人名义进行。</translation>
    </message>
    <message>
        <source>Log in as auditor</source>
        <translation>审计员登录</translation>
    </message>
</context>
<context>
    <name>ui::review::TakeAway</name>
    <message>
        <source>&amp;Sign a checkpoint and show it</source>
        <translation>签署并显示检查点(&amp;S)</translation>
    </message>
    <message>
        <source>The checkpoint as text</source>
        <translation>检查点文本</translation>
    </message>
    <message>
        <source>C&amp;opy</source>
        <translation>复制(&amp;O)</translation>
    </message>
    <message>
        <source>Save it …</source>
        <translation>保存…</translation>
    </message>
    <message>
        <source>Save the key …</source>
        <translation>保存公钥…</translation>
    </message>
    <message>
        <source>Whoever checks proofs needs the key that signs checkpoints, and not this log</source>
        <translation>核验证明只需检查点公钥，无需此日志</translation>
    </message>
    <message>
        <source>checkpoint-%1.note</source>
        <translation>checkpoint-%1.note</translation>
    </message>
    <message>
        <source>Checkpoints (*.note)</source>
        <translation>检查点 (*.note)</translation>
    </message>
    <message>
        <source>Keys (*.key)</source>
        <translation>公钥 (*.key)</translation>
    </message>
    <message>
        <source>It comes without the cosignature of a witness.</source>
        <translation>缺少见证方的联署签名。</translation>
    </message>
    <message>
        <source>A checkpoint over %1 events.</source>
        <translation>检查点覆盖 %1 条事件。</translation>
    </message>
    <message>
        <source>Its key: %1</source>
        <translation>公钥：%1</translation>
    </message>
    <message>
        <source>Save</source>
        <translation>保存</translation>
    </message>
    <message>
        <source>It is in %1.</source>
        <translation>已保存到 %1。</translation>
    </message>
    <message>
        <source>Keep it where nobody of the utility can write.</source>
        <translation>请存放在供电公司人员无法改写之处。</translation>
    </message>
    <message>
        <source>A checkpoint is being signed.</source>
        <translation>正在签署检查点。</translation>
    </message>
    <message>
        <source>Whoever keeps a checkpoint outside this machine can tell later whether anything before it was changed. Photograph it or save it.</source>
        <translation>在本机之外保存检查点，日后即可判断此前内容是否被更改。可拍照或保存。</translation>
    </message>
    <message>
        <source>This is no checkpoint: do not file it.</source>
        <translation>这不是检查点：请勿存档。</translation>
    </message>
    <message>
        <source>The service gave something that cannot be read as one. Tell whoever is responsible.</source>
        <translation>服务提供的内容无法解读为检查点。请告知负责人。</translation>
    </message>
    <message>
        <source>The key of the log that is known here did not sign this checkpoint.</source>
        <translation>该检查点并非由本机已知的日志密钥签署。</translation>
    </message>
    <message>
        <source>Keep it as evidence, and go on with section 10 of the auditors&apos; handbook; unless the platform UKEY was replaced a moment ago.</source>
        <translation>请作为证据保存，并按审计员手册第 10 节处理；刚刚更换过平台UKEY的除外。</translation>
    </message>
    <message>
        <source>The key that is known here: %1</source>
        <translation>本机已知的公钥：%1</translation>
    </message>
    <message>
        <source>A checkpoint over %1 events, of a log that is not the one that is known here.</source>
        <translation>检查点覆盖 %1 条事件，但其日志与本机已知的不一致。</translation>
    </message>
    <message>
        <source>A checkpoint over %1 events. Nothing was checked.</source>
        <translation>检查点覆盖 %1 条事件。未作任何核验。</translation>
    </message>
    <message>
        <source>This computer knows no key of the log yet: compare the one below with that of the ceremony.</source>
        <translation>本机尚无该日志的公钥：请将下方公钥与仪式记录核对。</translation>
    </message>
    <message>
        <source>A checkpoint over %1 events; but the service names another key than the one that signed it.</source>
        <translation>检查点覆盖 %1 条事件，但服务给出的公钥与签署所用的不同。</translation>
    </message>
    <message>
        <source>Do not give the key below to anybody. The key that is known here: %1</source>
        <translation>请勿将下方公钥交给任何人。本机已知的公钥：%1</translation>
    </message>
    <message>
        <source>Its signature was checked here with the key of the log that this computer knows.</source>
        <translation>其签名已在本机用已知的日志公钥核验。</translation>
    </message>
</context>
<context>
    <name>ui::review::TrustRow</name>
    <message>
        <source>Choose the trust anchor …</source>
        <translation>选择信任锚…</translation>
    </message>
    <message>
        <source>The certificate of the master-control UKEY, as the ceremony gave it to you: a PEM file</source>
        <translation>初始化仪式交付的主控UKEY证书（PEM 文件）</translation>
    </message>
    <message>
        <source>Forget</source>
        <translation>清除</translation>
    </message>
    <message>
        <source>Forget the trust anchor</source>
        <translation>清除信任锚</translation>
    </message>
    <message>
        <source>Trust anchor</source>
        <translation>信任锚</translation>
    </message>
    <message>
        <source>Certificates (*.pem *.crt);;All files (*)</source>
        <translation>证书 (*.pem *.crt);;所有文件 (*)</translation>
    </message>
    <message>
        <source>Will be held against the trust anchor in the log itself; that of the ceremony proves more.</source>
        <translation>将依据日志自带的信任锚验证；使用初始化仪式交付的信任锚更可靠。</translation>
    </message>
    <message>
        <source>Will be held against the trust anchor %1</source>
        <translation>将依据信任锚 %1 验证</translation>
    </message>
</context>
<context>
    <name>ui::review::Verification</name>
    <message>
        <source>&amp;Verify it now</source>
        <translation>立即验证(&amp;V)</translation>
    </message>
    <message>
        <source>Only %1 can open it, so only there can it be verified.</source>
        <translation>仅 %1 可打开，因此只能用其验证。</translation>
    </message>
    <message>
        <source> or </source>
        <translation> 或 </translation>
    </message>
    <message>
        <source>Verifying %1</source>
        <translation>正在验证 %1</translation>
    </message>
    <message>
        <source>&amp;Verify it again</source>
        <translation>重新验证(&amp;V)</translation>
    </message>
    <message>
        <source>The verification of %1 was cancelled.</source>
        <translation>%1 的验证已取消。</translation>
    </message>
    <message>
        <source>The file: %1, verified %2</source>
        <translation>文件：%1，验证时间 %2</translation>
    </message>
    <message>
        <source>Pull the UKEY out of the service&apos;s reader, plug it into your own computer, and run the line below. There, %1 is the trust anchor of the ceremony, and %2 a checkpoint that you kept: leave out what you do not have.</source>
        <translation>请从服务的插槽中拔出 UKEY，插入您自己的计算机，并执行下面的命令。其中 %1 为初始化仪式的信任锚，%2 为您保存的检查点；没有的项请省略。</translation>
    </message>
</context>
<context>
    <name>ui::stations::AccountsModel</name>
    <message>
        <source>by password</source>
        <translation>口令</translation>
    </message>
    <message>
        <source>by certificate or password</source>
        <translation>证书或口令</translation>
    </message>
    <message>
        <source>by certificate</source>
        <translation>证书</translation>
    </message>
    <message>
        <source>%1 (%2)</source>
        <translation>%1（%2）</translation>
    </message>
    <message>
        <source>Account</source>
        <translation>账户</translation>
    </message>
    <message>
        <source>State</source>
        <translation>状态</translation>
    </message>
    <message>
        <source>Used</source>
        <translation>登录方式</translation>
    </message>
    <message>
        <source>UKEY</source>
        <translation>UKEY</translation>
    </message>
    <message>
        <source>Holder</source>
        <translation>持有人</translation>
    </message>
    <message>
        <source>Sessions</source>
        <translation>会话</translation>
    </message>
    <message>
        <source>Valid until</source>
        <translation>有效期至</translation>
    </message>
</context>
<context>
    <name>ui::stations::AccountsView</name>
    <message>
        <source>No account is there yet.

An account lets somebody vend over the network with a user UKEY that is plugged in here, by a name and a password or by a certificate. Add the first one.</source>
        <translation>尚无账户。

网络账户允许他人凭名称和口令或证书，通过网络使用插在本机的用户UKEY售电。请添加第一个账户。</translation>
    </message>
    <message>
        <source>Find an account, a holder, a UKEY</source>
        <translation>查找账户、持有人、UKEY</translation>
    </message>
    <message>
        <source>&amp;Add …</source>
        <translation>添加(&amp;A)…</translation>
    </message>
    <message>
        <source>Network accounts</source>
        <translation>网络账户</translation>
    </message>
    <message>
        <source>&amp;Enable …</source>
        <translation>启用(&amp;E)…</translation>
    </message>
    <message>
        <source>New &amp;password …</source>
        <translation>重置口令(&amp;P)…</translation>
    </message>
    <message>
        <source>&amp;Certificate …</source>
        <translation>证书(&amp;C)…</translation>
    </message>
    <message>
        <source>&amp;Disable …</source>
        <translation>停用(&amp;D)…</translation>
    </message>
    <message>
        <source>Account</source>
        <translation>账户</translation>
    </message>
    <message>
        <source>%1, held by %2, %3</source>
        <translation>%1，持有人 %2，%3</translation>
    </message>
    <message>
        <source>Key (SHA-256)</source>
        <translation>密钥（SHA-256）</translation>
    </message>
    <message>
        <source>to be changed before the first use</source>
        <translation>首次使用前须更改</translation>
    </message>
    <message numerus="yes">
        <source>%n wrong one(s) since the last right one</source>
        <translation>
            <numerusform>自上次正确输入后错误 %n 次</numerusform>
        </translation>
    </message>
    <message>
        <source>Password</source>
        <translation>口令</translation>
    </message>
    <message>
        <source>It is disabled already.</source>
        <translation>已停用。</translation>
    </message>
    <message>
        <source>It is in force.</source>
        <translation>账户正常。</translation>
    </message>
    <message>
        <source>Ten wrong passwords locked it: a new password lifts that.</source>
        <translation>口令错误十次已锁定：重置口令即可解除。</translation>
    </message>
    <message>
        <source>It is used by its certificate alone.</source>
        <translation>仅用证书登录。</translation>
    </message>
</context>
<context>
    <name>ui::stations::CertificateField</name>
    <message>
        <source>The file is empty, or it cannot be read.</source>
        <translation>文件为空或无法读取。</translation>
    </message>
    <message>
        <source>The file holds a private key, which is nobody&apos;s business here. Choose a file with the certificate alone.</source>
        <translation>文件中含有私钥，不应提供。请选择仅含证书的文件。</translation>
    </message>
    <message>
        <source>The file is too large for a certificate.</source>
        <translation>文件过大，不是证书。</translation>
    </message>
    <message>
        <source>none: by password</source>
        <translation>无：使用口令</translation>
    </message>
    <message>
        <source>File of the certificate</source>
        <translation>证书文件</translation>
    </message>
    <message>
        <source>&amp;Choose …</source>
        <translation>选择(&amp;C)…</translation>
    </message>
    <message>
        <source>The station&apos;s certificate</source>
        <translation>网点证书</translation>
    </message>
    <message>
        <source>Certificates (*.pem *.crt *.cer *.der);;All files (*)</source>
        <translation>证书 (*.pem *.crt *.cer *.der);;所有文件 (*)</translation>
    </message>
</context>
<context>
    <name>ui::stations::HeldView</name>
    <message>
        <source>Station %1 is held: it sells nothing.</source>
        <translation>网点 %1 已冻结，停止售电。</translation>
    </message>
    <message>
        <source>%1 orders over %2 yuan within %3 minutes, at %4.</source>
        <translation>%4，%3 分钟内 %1 单，共 %2 元。</translation>
    </message>
    <message>
        <source>Release …</source>
        <translation>解冻…</translation>
    </message>
    <message>
        <source>It cannot be released now: %1.</source>
        <translation>目前不能解冻：%1。</translation>
    </message>
</context>
<context>
    <name>ui::stations::SessionsView</name>
    <message>
        <source>Who is logged in</source>
        <translation>当前会话</translation>
    </message>
    <message>
        <source>Station</source>
        <translation>售电网点</translation>
    </message>
    <message>
        <source>UKEY</source>
        <translation>UKEY</translation>
    </message>
    <message>
        <source>Account</source>
        <translation>账户</translation>
    </message>
    <message>
        <source>Holder</source>
        <translation>持有人</translation>
    </message>
    <message>
        <source>From</source>
        <translation>来源</translation>
    </message>
    <message>
        <source>Proved by</source>
        <translation>证明方式</translation>
    </message>
    <message>
        <source>Since</source>
        <translation>开始时间</translation>
    </message>
    <message>
        <source>Orders</source>
        <translation>订单数</translation>
    </message>
    <message>
        <source>Nobody is logged in.

A station opens a session with its UKEY and PIN, or with a network account.</source>
        <translation>当前无会话。

售电网点凭 UKEY 和 PIN，或凭网络账户建立会话。</translation>
    </message>
</context>
<context>
    <name>ui::stations::StationsModel</name>
    <message>
        <source>no money</source>
        <translation>无售电权限</translation>
    </message>
    <message>
        <source>%1 of %2</source>
        <translation>%1/%2</translation>
    </message>
    <message>
        <source>Station</source>
        <translation>售电网点</translation>
    </message>
    <message>
        <source>UKEY</source>
        <translation>UKEY</translation>
    </message>
    <message>
        <source>Holder</source>
        <translation>持有人</translation>
    </message>
    <message>
        <source>State</source>
        <translation>状态</translation>
    </message>
    <message>
        <source>Sold today, of the day&apos;s cap (yuan)</source>
        <translation>今日售电/每日限额（元）</translation>
    </message>
    <message>
        <source>Plugged in</source>
        <translation>所在插槽</translation>
    </message>
    <message>
        <source>Valid until</source>
        <translation>有效期至</translation>
    </message>
    <message>
        <source>held</source>
        <translation>已冻结</translation>
    </message>
    <message>
        <source>Sold today (yuan)</source>
        <translation>今日售电（元）</translation>
    </message>
    <message>
        <source>Sold this month, of the month&apos;s cap (yuan)</source>
        <translation>本月售电/每月限额（元）</translation>
    </message>
    <message>
        <source>This month (yuan)</source>
        <translation>本月售电（元）</translation>
    </message>
</context>
<context>
    <name>ui::stations::StationsPage</name>
    <message>
        <source>Find a station, a holder, a UKEY</source>
        <translation>查找网点、持有人、UKEY</translation>
    </message>
    <message>
        <source>User UKEYs by station</source>
        <translation>各网点用户UKEY</translation>
    </message>
    <message>
        <source>No station has a user UKEY yet.

Issue one on the page UKEYs: it says what the station may sell, and how much.</source>
        <translation>尚无网点持有用户UKEY。

请在“UKEY”页签发，并规定网点可售内容和限额。</translation>
    </message>
    <message>
        <source>&amp;Stations</source>
        <translation>售电网点(&amp;S)</translation>
    </message>
    <message>
        <source>&amp;Network accounts</source>
        <translation>网络账户(&amp;N)</translation>
    </message>
    <message>
        <source>%1, %2 (%3)</source>
        <translation>%1，%2（%3）</translation>
    </message>
    <message>
        <source>UKEY</source>
        <translation>UKEY</translation>
    </message>
    <message>
        <source>%1, held by %2</source>
        <translation>%1，持有人 %2</translation>
    </message>
    <message>
        <source>Grant</source>
        <translation>授权</translation>
    </message>
    <message numerus="yes">
        <source>%n session(s) on %1 connections</source>
        <translation>
            <numerusform>%n 个会话，%1 个连接</numerusform>
        </translation>
    </message>
    <message>
        <source>%1 of them by network accounts</source>
        <translation>其中网络账户 %1 个</translation>
    </message>
    <message>
        <source>no network address is open for stations</source>
        <translation>未开放网络地址供网点使用</translation>
    </message>
    <message>
        <source>network address %1</source>
        <translation>网络地址 %1</translation>
    </message>
    <message>
        <source>&amp;Logged in</source>
        <translation>当前会话(&amp;L)</translation>
    </message>
    <message>
        <source>This minute</source>
        <translation>本分钟</translation>
    </message>
    <message>
        <source>%1 of %2 orders</source>
        <translation>%1/%2 单</translation>
    </message>
</context>
<context>
    <name>ui::ukeys::GrantDialog</name>
    <message>
        <source>Change a grant</source>
        <translation>更改授权</translation>
    </message>
    <message>
        <source>The grant of UKEY %1 of %2</source>
        <translation>%2 的 UKEY %1 授权</translation>
    </message>
    <message>
        <source>Cancel</source>
        <translation>取消</translation>
    </message>
    <message>
        <source>Go &amp;on …</source>
        <translation>继续(&amp;O)…</translation>
    </message>
    <message>
        <source>nothing is changed yet</source>
        <translation>尚未更改</translation>
    </message>
</context>
<context>
    <name>ui::ukeys::UkeyDetail</name>
    <message>
        <source>&amp;Actions</source>
        <translation>操作(&amp;A)</translation>
    </message>
    <message>
        <source>Overview</source>
        <translation>概览</translation>
    </message>
    <message>
        <source>Grant</source>
        <translation>授权</translation>
    </message>
    <message>
        <source>Change its &amp;grant …</source>
        <translation>更改授权(&amp;G)…</translation>
    </message>
    <message>
        <source>Certificate</source>
        <translation>证书</translation>
    </message>
    <message>
        <source>It has no certificate: that comes with its issue.</source>
        <translation>没有证书：签发时生成。</translation>
    </message>
    <message>
        <source>Save as &amp;PEM …</source>
        <translation>保存为 PEM(&amp;P)…</translation>
    </message>
    <message>
        <source>History</source>
        <translation>历史</translation>
    </message>
    <message>
        <source>%1 %2</source>
        <translation>%1 %2</translation>
    </message>
    <message>
        <source>Holder</source>
        <translation>持有人</translation>
    </message>
    <message>
        <source>Plugged in at</source>
        <translation>所在插槽</translation>
    </message>
    <message>
        <source>nowhere</source>
        <translation>未插入</translation>
    </message>
    <message>
        <source>Issued</source>
        <translation>签发时间</translation>
    </message>
    <message>
        <source>Valid until</source>
        <translation>有效期至</translation>
    </message>
    <message>
        <source>–</source>
        <translation>–</translation>
    </message>
    <message>
        <source>%1 (%2)</source>
        <translation>%1（%2）</translation>
    </message>
    <message>
        <source>Last used</source>
        <translation>最近使用</translation>
    </message>
    <message>
        <source>Token</source>
        <translation>令牌</translation>
    </message>
    <message>
        <source>PIN</source>
        <translation>PIN</translation>
    </message>
    <message>
        <source>to be changed before the first use</source>
        <translation>首次使用前须更改</translation>
    </message>
    <message>
        <source>Wrong PINs</source>
        <translation>PIN 错误次数</translation>
    </message>
    <message>
        <source>%1 of 10</source>
        <translation>%1/10</translation>
    </message>
    <message>
        <source>Opens</source>
        <translation>打开方式</translation>
    </message>
    <message>
        <source>by itself: its PIN is kept</source>
        <translation>自动登录：PIN 已托管</translation>
    </message>
    <message>
        <source>by its holder&apos;s hand</source>
        <translation>由持有人打开</translation>
    </message>
    <message>
        <source>Class masters</source>
        <translation>类别主密钥</translation>
    </message>
    <message>
        <source>none</source>
        <translation>无</translation>
    </message>
    <message>
        <source>It has no grant yet.</source>
        <translation>尚无授权。</translation>
    </message>
    <message>
        <source>A UKEY of this kind has no grant: what it may do follows from its kind.</source>
        <translation>此类 UKEY 没有授权：权限由其类型决定。</translation>
    </message>
    <message>
        <source>Subject</source>
        <translation>证书主体</translation>
    </message>
    <message>
        <source>Issuer</source>
        <translation>颁发者</translation>
    </message>
    <message>
        <source>Valid</source>
        <translation>有效期</translation>
    </message>
    <message>
        <source>%1 until %2</source>
        <translation>%1 至 %2</translation>
    </message>
    <message>
        <source>Serial number</source>
        <translation>证书序列号</translation>
    </message>
    <message>
        <source>Fingerprint (SHA-256)</source>
        <translation>指纹（SHA-256）</translation>
    </message>
    <message>
        <source>Save the certificate</source>
        <translation>保存证书</translation>
    </message>
    <message>
        <source>Certificates (*.pem)</source>
        <translation>证书 (*.pem)</translation>
    </message>
    <message>
        <source>The certificate is in %1.</source>
        <translation>证书已保存到 %1。</translation>
    </message>
    <message>
        <source>%1 of %2 yuan</source>
        <translation>%1/%2 元</translation>
    </message>
    <message>
        <source>Sold today</source>
        <translation>今日售电</translation>
    </message>
    <message>
        <source>Sold this month</source>
        <translation>本月售电</translation>
    </message>
    <message>
        <source>Orders this minute</source>
        <translation>本分钟订单数</translation>
    </message>
    <message>
        <source>%1 of %2</source>
        <translation>%1/%2</translation>
    </message>
</context>
<context>
    <name>ui::ukeys::UkeyHistory</name>
    <message>
        <source>Show &amp;older</source>
        <translation>显示更早(&amp;O)</translation>
    </message>
    <message>
        <source>What the log says of this UKEY</source>
        <translation>此 UKEY 的日志记录</translation>
    </message>
    <message>
        <source>Time</source>
        <translation>时间</translation>
    </message>
    <message>
        <source>Event</source>
        <translation>事件</translation>
    </message>
    <message>
        <source>What the log says</source>
        <translation>日志内容</translation>
    </message>
    <message>
        <source>Here the log is for auditors alone.</source>
        <translation>此处日志仅供审计员查看。</translation>
    </message>
    <message>
        <source>Log in with an auditor UKEY to see this UKEY&apos;s history.</source>
        <translation>请用审计UKEY登录以查看此 UKEY 的历史。</translation>
    </message>
    <message>
        <source>Log in …</source>
        <translation>登录…</translation>
    </message>
    <message>
        <source>Nothing in the log that is here. Older events are in archive segments.</source>
        <translation>在线日志中没有记录。更早的事件在归档段中。</translation>
    </message>
    <message>
        <source>Nothing yet.</source>
        <translation>暂无记录。</translation>
    </message>
</context>
<context>
    <name>ui::ukeys::UkeyModel</name>
    <message>
        <source>Kind</source>
        <translation>类型</translation>
    </message>
    <message>
        <source>Holder</source>
        <translation>持有人</translation>
    </message>
    <message>
        <source>Serial</source>
        <translation>序列号</translation>
    </message>
    <message>
        <source>State</source>
        <translation>状态</translation>
    </message>
    <message>
        <source>Valid until</source>
        <translation>有效期至</translation>
    </message>
    <message>
        <source>Plugged in at</source>
        <translation>所在插槽</translation>
    </message>
    <message>
        <source>Grant</source>
        <translation>授权</translation>
    </message>
    <message>
        <source>Last used</source>
        <translation>最近使用</translation>
    </message>
</context>
<context>
    <name>ui::ukeys::UkeysPage</name>
    <message>
        <source>UKEYs</source>
        <translation>UKEY</translation>
    </message>
    <message>
        <source>Choose a UKEY to see what it may do, and what can be done with it.</source>
        <translation>请选择 UKEY 以查看其授权和可执行的操作。</translation>
    </message>
    <message>
        <source>Find by holder, serial, station, reader … (Ctrl+F)</source>
        <translation>按持有人、序列号、网点、插槽查找… (Ctrl+F)</translation>
    </message>
    <message>
        <source>Find UKEYs</source>
        <translation>查找 UKEY</translation>
    </message>
    <message>
        <source>Kind</source>
        <translation>类型</translation>
    </message>
    <message>
        <source>Every kind</source>
        <translation>所有类型</translation>
    </message>
    <message>
        <source>State</source>
        <translation>状态</translation>
    </message>
    <message>
        <source>Every state</source>
        <translation>所有状态</translation>
    </message>
    <message>
        <source>%1 of %2</source>
        <translation>%1/%2</translation>
    </message>
    <message>
        <source>No UKEY yet. The ceremony makes the first ones; after that they are issued here.</source>
        <translation>尚无 UKEY。首批由初始化仪式制作，之后在此签发。</translation>
    </message>
    <message>
        <source>No UKEY is like that. Change what is looked for.</source>
        <translation>没有符合的 UKEY。请更改查找条件。</translation>
    </message>
    <message>
        <source>Valid until the end of</source>
        <translation>有效期至（当日结束）</translation>
    </message>
    <message>
        <source>&amp;Issue …</source>
        <translation>签发(&amp;I)…</translation>
    </message>
    <message>
        <source>One UKEY, or many from a list</source>
        <translation>单个签发，或按清单批量签发</translation>
    </message>
    <message>
        <source>That is earlier than at present: it is shortened, not renewed.</source>
        <translation>早于现有期限：这是缩短，而非续期。</translation>
    </message>
    <message>
        <source>At present it is valid until %1.</source>
        <translation>现有效期至 %1。</translation>
    </message>
</context>
<context>
    <name>ui::window::LockScreen</name>
    <message>
        <source>Go on</source>
        <translation>继续</translation>
    </message>
    <message>
        <source>Locked</source>
        <translation>已锁定</translation>
    </message>
    <message>
        <source>No PIN is kept and no auditor is logged in. Whatever needs a PIN asks for it.</source>
        <translation>未保留任何 PIN，审计员未登录。需要 PIN 的操作会要求输入。</translation>
    </message>
</context>
<context>
    <name>ui::window::MainWindow</name>
    <message>
        <source>Nobody was at the window for %1 min.</source>
        <translation>窗口已 %1 分钟无人操作。</translation>
    </message>
    <message>
        <source>Key management platform</source>
        <translation>密钥管理平台</translation>
    </message>
    <message>
        <source>Pages</source>
        <translation>页面</translation>
    </message>
    <message>
        <source>&amp;Window</source>
        <translation>窗口(&amp;W)</translation>
    </message>
    <message>
        <source>&amp;Lock</source>
        <translation>锁定(&amp;L)</translation>
    </message>
    <message>
        <source>You have locked it.</source>
        <translation>窗口由操作人员锁定。</translation>
    </message>
    <message>
        <source>Lock when &amp;idle for</source>
        <translation>空闲后锁定(&amp;I)</translation>
    </message>
    <message>
        <source>%1 min</source>
        <translation>%1 分钟</translation>
    </message>
    <message>
        <source>&amp;Quit</source>
        <translation>退出(&amp;Q)</translation>
    </message>
    <message>
        <source>&amp;Go</source>
        <translation>转到(&amp;G)</translation>
    </message>
    <message>
        <source>&amp;Read again</source>
        <translation>重新读取(&amp;R)</translation>
    </message>
    <message>
        <source>&amp;Language</source>
        <translation>语言(&amp;L)</translation>
    </message>
    <message>
        <source>&amp;Help</source>
        <translation>帮助(&amp;H)</translation>
    </message>
    <message>
        <source>&amp;About</source>
        <translation>关于(&amp;A)</translation>
    </message>
    <message>
        <source>Go to Home</source>
        <translation>前往首页</translation>
    </message>
    <message>
        <source>The service does not answer.</source>
        <translation>服务无应答。</translation>
    </message>
    <message>
        <source>This window goes on trying. Is kmpd running? An administrator starts it.</source>
        <translation>本窗口会继续尝试连接。请确认 kmpd 是否运行，由管理员启动。</translation>
    </message>
    <message>
        <source>The log is not the one that is known here.</source>
        <translation>此日志不是本机已知的日志。</translation>
    </message>
    <message>
        <source>The service refuses everything.</source>
        <translation>服务拒绝一切请求。</translation>
    </message>
    <message>
        <source>It cannot write its log. It goes on by itself once it can.</source>
        <translation>无法写入日志。日志可写入后自动恢复。</translation>
    </message>
    <message>
        <source>The platform is sealed.</source>
        <translation>平台已封存。</translation>
    </message>
    <message>
        <source>Nothing is signed until it is unsealed with the platform UKEY.</source>
        <translation>用平台UKEY启封之前不进行任何签名。</translation>
    </message>
    <message>
        <source>The platform is not set up yet.</source>
        <translation>平台尚未初始化。</translation>
    </message>
    <message>
        <source>The page Home leads through the ceremony.</source>
        <translation>“首页”将引导完成初始化仪式。</translation>
    </message>
    <message>
        <source>There is nothing to show while the service does not answer.</source>
        <translation>服务无应答，暂无内容可显示。</translation>
    </message>
    <message>
        <source>There is nothing to show until the platform is open.</source>
        <translation>平台启封之前没有内容可显示。</translation>
    </message>
    <message>
        <source>UKEY %1 was pulled.</source>
        <translation>UKEY %1 已拔出。</translation>
    </message>
    <message>
        <source>%1 is logged in as auditor.</source>
        <translation>%1 已作为审计员登录。</translation>
    </message>
    <message>
        <source>Log out</source>
        <translation>退出登录</translation>
    </message>
    <message>
        <source>Log in as auditor</source>
        <translation>审计员登录</translation>
    </message>
    <message>
        <source>Log in</source>
        <translation>登录</translation>
    </message>
    <message>
        <source>Until you log out or pull your UKEY, this window reads the log in your name. The log says so.</source>
        <translation>退出登录或拔出 UKEY 之前，本窗口以审计员本人名义读取日志，并记入日志。</translation>
    </message>
    <message>
        <source>Lock</source>
        <translation>锁定</translation>
    </message>
    <message>
        <source>Something is being done with a UKEY. Lock the window when it is done.</source>
        <translation>正在操作 UKEY。请在完成后锁定窗口。</translation>
    </message>
    <message>
        <source>About</source>
        <translation>关于</translation>
    </message>
    <message>
        <source>&lt;h3&gt;Key management platform&lt;/h3&gt;&lt;p&gt;Version %1&lt;/p&gt;&lt;p&gt;Home: %2&lt;/p&gt;&lt;p&gt;This window holds no key and no PIN; it asks the service on its socket.&lt;/p&gt;</source>
        <translation>&lt;h3&gt;密钥管理平台&lt;/h3&gt;&lt;p&gt;版本 %1&lt;/p&gt;&lt;p&gt;主目录：%2&lt;/p&gt;&lt;p&gt;本窗口不保存任何密钥和 PIN，一切操作均通过套接字请求服务完成。&lt;/p&gt;</translation>
    </message>
    <message>
        <source>Quit</source>
        <translation>退出</translation>
    </message>
    <message>
        <source>Something is being done with a UKEY. Quit all the same? It goes on without you; the log says what came of it.</source>
        <translation>正在操作 UKEY。仍要退出吗？操作会继续执行，结果记入日志。</translation>
    </message>
    <message>
        <source>Language</source>
        <translation>语言</translation>
    </message>
    <message>
        <source>Something is still being done. Change the language when it is done.</source>
        <translation>仍有操作正在进行，请在完成后切换语言。</translation>
    </message>
    <message>
        <source>It was set back, or it is another platform&apos;s. Change nothing; tell the auditor.</source>
        <translation>日志已被回退，或属于其他平台。请勿作任何更改，并告知审计员。</translation>
    </message>
</context>
<context>
    <name>ukeys</name>
    <message>
        <source>Change its &amp;PIN …</source>
        <translation>更改 PIN(&amp;P)…</translation>
    </message>
    <message>
        <source>Re&amp;new …</source>
        <translation>续期(&amp;N)…</translation>
    </message>
    <message>
        <source>Give it &amp;masters …</source>
        <translation>注入主密钥(&amp;M)…</translation>
    </message>
    <message>
        <source>Change its &amp;grant …</source>
        <translation>更改授权(&amp;G)…</translation>
    </message>
    <message>
        <source>&amp;Open by itself …</source>
        <translation>自动登录(&amp;O)…</translation>
    </message>
    <message>
        <source>No longer &amp;open by itself …</source>
        <translation>取消自动登录(&amp;O)…</translation>
    </message>
    <message>
        <source>&amp;Suspend …</source>
        <translation>暂停(&amp;S)…</translation>
    </message>
    <message>
        <source>&amp;Resume …</source>
        <translation>恢复(&amp;R)…</translation>
    </message>
    <message>
        <source>&amp;Unblock …</source>
        <translation>解锁(&amp;U)…</translation>
    </message>
    <message>
        <source>Report &amp;lost …</source>
        <translation>挂失(&amp;L)…</translation>
    </message>
    <message>
        <source>Re&amp;voke …</source>
        <translation>吊销(&amp;V)…</translation>
    </message>
    <message>
        <source>&amp;Erase …</source>
        <translation>擦除(&amp;E)…</translation>
    </message>
    <message>
        <source>Its holder chooses another PIN.</source>
        <translation>由持有人另设 PIN。</translation>
    </message>
    <message>
        <source>New certificates, and a later end.</source>
        <translation>换发证书，延长有效期。</translation>
    </message>
    <message>
        <source>The masters that its grant allows and that it lacks.</source>
        <translation>补足授权允许但尚缺的主密钥。</translation>
    </message>
    <message>
        <source>What it may do, where, how much and when.</source>
        <translation>允许的操作、范围、限额和时段。</translation>
    </message>
    <message>
        <source>Its PIN is kept, so that it works again by itself after a pull or a restart.</source>
        <translation>托管其 PIN，插拔或重启后可自动恢复工作。</translation>
    </message>
    <message>
        <source>Its kept PIN is forgotten.</source>
        <translation>清除托管的 PIN。</translation>
    </message>
    <message>
        <source>It is refused until it is resumed.</source>
        <translation>恢复之前拒绝使用。</translation>
    </message>
    <message>
        <source>It works again.</source>
        <translation>恢复使用。</translation>
    </message>
    <message>
        <source>A new PIN in the place of the one that was wrong too often.</source>
        <translation>为错误次数过多而锁定的 UKEY 设置新 PIN。</translation>
    </message>
    <message>
        <source>It is refused for good; revoke it next.</source>
        <translation>永久拒绝使用；请随后吊销。</translation>
    </message>
    <message>
        <source>It never works again.</source>
        <translation>不能再使用。</translation>
    </message>
    <message>
        <source>Its token is erased.</source>
        <translation>擦除其令牌内容。</translation>
    </message>
    <message>
        <source>It is %1; this takes one that is %2.</source>
        <translation>当前为“%1”；此操作仅适用于“%2”的 UKEY。</translation>
    </message>
    <message>
        <source> or </source>
        <translation> 或 </translation>
    </message>
    <message>
        <source>The platform UKEY is not changed like this: it is replaced.</source>
        <translation>平台UKEY不能如此更改，只能更换。</translation>
    </message>
    <message>
        <source>Its PIN is split among the officers; nobody changes it alone.</source>
        <translation>其 PIN 在安全官之间分割，任何人不能单独更改。</translation>
    </message>
    <message>
        <source>A master-control UKEY does not end; a further one is made instead.</source>
        <translation>主控UKEY不设期限；可增设主控UKEY。</translation>
    </message>
    <message>
        <source>This kind of UKEY holds no masters.</source>
        <translation>此类 UKEY 不持有主密钥。</translation>
    </message>
    <message>
        <source>Only user and key UKEYs have a grant.</source>
        <translation>仅用户UKEY和密钥UKEY有授权。</translation>
    </message>
    <message>
        <source>Only a user UKEY opens by itself; all others are opened by their holder&apos;s hand.</source>
        <translation>仅用户UKEY可自动登录；其他须由持有人亲自打开。</translation>
    </message>
    <message>
        <source>It does already.</source>
        <translation>已经启用。</translation>
    </message>
    <message>
        <source>Its holder changes the PIN first.</source>
        <translation>请持有人先更改 PIN。</translation>
    </message>
    <message>
        <source>Its PIN is not kept.</source>
        <translation>未托管其 PIN。</translation>
    </message>
    <message>
        <source>This window does not know this kind or state of UKEY: it may be older than the service.</source>
        <translation>本窗口不识别此类 UKEY 或其状态：窗口版本可能旧于服务。</translation>
    </message>
    <message>
        <source>It must be plugged in for this.</source>
        <translation>此操作须插入该 UKEY。</translation>
    </message>
    <message>
        <source>It is empty.</source>
        <translation>空白。</translation>
    </message>
    <message>
        <source>Its issue broke off. Erase it, and issue it again.</source>
        <translation>签发中断。请擦除后重新签发。</translation>
    </message>
    <message>
        <source>It works once its holder has changed the first PIN.</source>
        <translation>持有人更改初始 PIN 后即可使用。</translation>
    </message>
    <message numerus="yes">
        <source>It works. %n wrong PIN(s) since the last right one; the tenth blocks it.</source>
        <translation>
            <numerusform>可使用。自上次正确输入后 PIN 错误 %n 次；第十次将锁定。</numerusform>
        </translation>
    </message>
    <message>
        <source>It works.</source>
        <translation>可使用。</translation>
    </message>
    <message>
        <source>It is refused until an officer resumes it.</source>
        <translation>安全官恢复之前拒绝使用。</translation>
    </message>
    <message>
        <source>Its PIN was wrong ten times. Plug it in and unblock it with a new PIN.</source>
        <translation>PIN 已错误十次。请插入并解锁，设置新 PIN。</translation>
    </message>
    <message>
        <source>Its validity is over. Renew it, with its holder.</source>
        <translation>已过有效期。请与持有人一同续期。</translation>
    </message>
    <message>
        <source>It is refused for good. Revoke it next, and think of new masters for the meters&apos; keys.</source>
        <translation>永久拒绝使用。请随后吊销，并考虑轮换电表密钥。</translation>
    </message>
    <message>
        <source>It never works again. Where it was given back, plug it in and erase it.</source>
        <translation>不能再使用。如已收回，请插入并擦除。</translation>
    </message>
    <message>
        <source>It was erased. Nothing more can be done with it.</source>
        <translation>已擦除，不能再进行任何操作。</translation>
    </message>
    <message>
        <source>%1 %2 of %3</source>
        <translation>%3 的%1 %2</translation>
    </message>
    <message>
        <source>It sells nothing more, and its open sessions end within a second.</source>
        <translation>不能再售电，其会话在一秒内结束。</translation>
    </message>
    <message>
        <source>Station %1 sells nothing more with it, and its open sessions end within a second.</source>
        <translation>售电网点 %1 不能再用其售电，其会话在一秒内结束。</translation>
    </message>
    <message numerus="yes">
        <source>%n network account(s) that use it stop working.</source>
        <translation>
            <numerusform>使用它的 %n 个网络账户停止工作。</numerusform>
        </translation>
    </message>
    <message>
        <source>Network accounts that use it stop working.</source>
        <translation>使用它的网络账户停止工作。</translation>
    </message>
    <message>
        <source>It downloads and recovers no keys any more, and its open sessions end within a second.</source>
        <translation>不能再下装和恢复密钥，其会话在一秒内结束。</translation>
    </message>
    <message>
        <source>Its holder cannot read the log any more; a login with it ends within a second.</source>
        <translation>持有人不能再读取日志；用其登录的会话在一秒内结束。</translation>
    </message>
    <message>
        <source>Its holder&apos;s agreement counts no more, in requests that wait either.</source>
        <translation>持有人的同意不再有效，包括待审批的申请。</translation>
    </message>
    <message>
        <source>It holds masters of the meters&apos; keys (%1). If somebody else may have it, draw new ones afterwards, on the page Keys.</source>
        <translation>其中含有电表主密钥（%1）。如可能落入他人之手，请随后在“密钥”页轮换。</translation>
    </message>
    <message>
        <source>Suspend UKEY %1</source>
        <translation>暂停 UKEY %1</translation>
    </message>
    <message>
        <source>Suspend</source>
        <translation>暂停</translation>
    </message>
    <message>
        <source>UKEY %1 is suspended. Resume lifts it.</source>
        <translation>UKEY %1 已暂停，可用“恢复”解除。</translation>
    </message>
    <message>
        <source>The %1 is refused at once.</source>
        <translation>%1 立即停止使用。</translation>
    </message>
    <message>
        <source>An officer can resume it at any time.</source>
        <translation>安全官可随时恢复。</translation>
    </message>
    <message>
        <source>Resume UKEY %1</source>
        <translation>恢复 UKEY %1</translation>
    </message>
    <message>
        <source>Resume</source>
        <translation>恢复</translation>
    </message>
    <message>
        <source>UKEY %1 is in use again.</source>
        <translation>UKEY %1 已恢复使用。</translation>
    </message>
    <message>
        <source>The %1 works again, with the grant and the PIN that it had.</source>
        <translation>%1 恢复使用，授权和 PIN 不变。</translation>
    </message>
    <message>
        <source>Report UKEY %1 lost</source>
        <translation>挂失 UKEY %1</translation>
    </message>
    <message>
        <source>Report lost</source>
        <translation>挂失</translation>
    </message>
    <message>
        <source>UKEY %1 is reported lost and refused from now on. Revoke it next.</source>
        <translation>UKEY %1 已挂失并拒绝使用。请随后吊销。</translation>
    </message>
    <message>
        <source>It cannot be taken back: a UKEY that is found again is issued anew. If you are not sure, suspend it.</source>
        <translation>此操作不可撤销：找回的 UKEY 须重新签发。如不确定，请先暂停。</translation>
    </message>
    <message>
        <source>Revoke UKEY %1</source>
        <translation>吊销 UKEY %1</translation>
    </message>
    <message>
        <source>Revoke</source>
        <translation>吊销</translation>
    </message>
    <message>
        <source>UKEY %1 is revoked for good.</source>
        <translation>UKEY %1 已永久吊销。</translation>
    </message>
    <message>
        <source>The %1 never works again, and stands in the revocation list.</source>
        <translation>%1 不能再使用，并列入吊销列表。</translation>
    </message>
    <message>
        <source>It cannot be taken back. Its holder needs another UKEY.</source>
        <translation>此操作不可撤销。持有人须另领 UKEY。</translation>
    </message>
    <message>
        <source>Unblock UKEY %1</source>
        <translation>解锁 UKEY %1</translation>
    </message>
    <message>
        <source>Unblock</source>
        <translation>解锁</translation>
    </message>
    <message>
        <source>UKEY %1 is in use again, with the new PIN. Its holder changes it before the first use.</source>
        <translation>UKEY %1 已恢复使用，PIN 已更新。持有人首次使用前须更改 PIN。</translation>
    </message>
    <message>
        <source>The %1 gets a new PIN; wrong ones are forgotten.</source>
        <translation>%1 将设置新 PIN，错误次数清零。</translation>
    </message>
    <message>
        <source>Its holder must change it before it works.</source>
        <translation>持有人更改 PIN 后方可使用。</translation>
    </message>
    <message>
        <source>Its PIN is not kept any more: it opens by its holder&apos;s hand again.</source>
        <translation>不再托管其 PIN：须由持有人亲自打开。</translation>
    </message>
    <message>
        <source>Erase UKEY %1</source>
        <translation>擦除 UKEY %1</translation>
    </message>
    <message>
        <source>Erase</source>
        <translation>擦除</translation>
    </message>
    <message>
        <source>UKEY %1 is erased.</source>
        <translation>UKEY %1 已擦除。</translation>
    </message>
    <message>
        <source>Every key on the token of the %1 is erased.</source>
        <translation>擦除 %1 令牌上的全部密钥。</translation>
    </message>
    <message>
        <source>A soft UKEY is blank afterwards and can be issued again.</source>
        <translation>软件 UKEY 擦除后为空白，可重新签发。</translation>
    </message>
    <message>
        <source>It cannot be taken back.</source>
        <translation>此操作不可撤销。</translation>
    </message>
    <message>
        <source>Change the PIN of UKEY %1</source>
        <translation>更改 UKEY %1 的 PIN</translation>
    </message>
    <message>
        <source>Change PIN</source>
        <translation>更改 PIN</translation>
    </message>
    <message>
        <source>Its holder types the present PIN, and the new one twice.</source>
        <translation>由持有人输入当前 PIN，并输入两次新 PIN。</translation>
    </message>
    <message>
        <source>Present PIN</source>
        <translation>当前 PIN</translation>
    </message>
    <message>
        <source>New PIN</source>
        <translation>新 PIN</translation>
    </message>
    <message>
        <source>The PIN of UKEY %1 is changed.</source>
        <translation>UKEY %1 的 PIN 已更改。</translation>
    </message>
    <message>
        <source>Give masters to UKEY %1</source>
        <translation>向 UKEY %1 注入主密钥</translation>
    </message>
    <message>
        <source>Give masters</source>
        <translation>注入主密钥</translation>
    </message>
    <message>
        <source>The %1 gets the masters that its grant allows and that it lacks, of every key version.</source>
        <translation>向 %1 注入授权允许但尚缺的各密钥版本主密钥。</translation>
    </message>
    <message>
        <source>They travel wrapped for this UKEY alone.</source>
        <translation>传输时仅为此 UKEY 加密封装。</translation>
    </message>
    <message>
        <source>UKEY %1 holds every master that its grant allows.</source>
        <translation>UKEY %1 已持有授权允许的全部主密钥。</translation>
    </message>
    <message>
        <source>UKEY %1 no longer opens by itself</source>
        <translation>取消 UKEY %1 自动登录</translation>
    </message>
    <message>
        <source>Let UKEY %1 open by itself</source>
        <translation>启用 UKEY %1 自动登录</translation>
    </message>
    <message>
        <source>Forget its PIN</source>
        <translation>清除 PIN</translation>
    </message>
    <message>
        <source>Keep its PIN</source>
        <translation>托管 PIN</translation>
    </message>
    <message>
        <source>After a pull or a restart somebody types it before the station or its accounts can work again.</source>
        <translation>插拔或重启后须有人输入 PIN，网点及其账户才能恢复工作。</translation>
    </message>
    <message>
        <source>Its PIN is kept, sealed by the platform UKEY.</source>
        <translation>其 PIN 由平台UKEY加密托管。</translation>
    </message>
    <message>
        <source>After a pull or a restart it works again without anybody&apos;s hand, while it is plugged in and the platform is open.</source>
        <translation>插拔或重启后，只要已插入且平台已启封，无需人工即可恢复工作。</translation>
    </message>
    <message>
        <source>The PIN of UKEY %1 is forgotten.</source>
        <translation>UKEY %1 托管的 PIN 已清除。</translation>
    </message>
    <message>
        <source>UKEY %1 opens by itself while the platform is open.</source>
        <translation>平台启封期间，UKEY %1 自动登录。</translation>
    </message>
    <message>
        <source>Renew UKEY %1</source>
        <translation>UKEY %1 续期</translation>
    </message>
    <message>
        <source>Renew</source>
        <translation>续期</translation>
    </message>
    <message>
        <source>The keys on the %1 stay; they get new certificates, and its grant the new end.</source>
        <translation>%1 上的密钥不变，换发证书，授权延至新期限。</translation>
    </message>
    <message>
        <source>Its holder types its PIN.</source>
        <translation>由持有人输入 PIN。</translation>
    </message>
    <message>
        <source>UKEY %1 is renewed. It is valid until %2.</source>
        <translation>UKEY %1 已续期，有效期至 %2。</translation>
    </message>
    <message>
        <source>Change the grant of UKEY %1</source>
        <translation>更改 UKEY %1 的授权</translation>
    </message>
    <message>
        <source>Change the grant</source>
        <translation>更改授权</translation>
    </message>
    <message>
        <source>It allows no more than before in any point: one officer suffices.</source>
        <translation>各项均未超出原授权：一名安全官即可执行。</translation>
    </message>
    <message>
        <source>It holds for the next request of a running session.</source>
        <translation>对进行中的会话，自下一请求起生效。</translation>
    </message>
    <message>
        <source>The grant of UKEY %1 is set.</source>
        <translation>UKEY %1 的授权已设置。</translation>
    </message>
    <message>
        <source>PIN of UKEY %1</source>
        <translation>UKEY %1 PIN</translation>
    </message>
    <message>
        <source>New PIN of UKEY %1</source>
        <translation>UKEY %1 新 PIN</translation>
    </message>
    <message>
        <source>No other master-control UKEY is in use: without this one nobody could issue, renew or revoke anything. Make a further one first.</source>
        <translation>没有其他主控UKEY在使用中：缺少它将无法签发、续期或吊销。请先增设一个。</translation>
    </message>
    <message>
        <source>Nothing is issued, renewed or revoked with it any more: another master-control UKEY does that. It does this, too: plug that one in, in this one&apos;s place.</source>
        <translation>不能再用它签发、续期或吊销，须改用另一主控UKEY。本操作也由另一主控UKEY执行：请插入该 UKEY 代替。</translation>
    </message>
    <message>
        <source>What it certified goes on, but no other one can sign its revocation list: renew those UKEYs with another master-control UKEY.</source>
        <translation>由其认证的 UKEY 可继续使用，但其吊销列表无法再由其他 UKEY 签署：请用另一主控UKEY为这些 UKEY 续期。</translation>
    </message>
    <message>
        <source>At present it is valid until %1.</source>
        <translation>现有效期至 %1。</translation>
    </message>
</context>
<context>
    <name>verdict</name>
    <message>
        <source>Event %1, rule %2: %3</source>
        <translation>事件 %1，规则 %2：%3</translation>
    </message>
    <message>
        <source>Rule %1: %2</source>
        <translation>规则 %1：%2</translation>
    </message>
    <message numerus="yes">
        <source>%n more finding(s)</source>
        <translation>
            <numerusform>另有 %n 个问题</numerusform>
        </translation>
    </message>
    <message>
        <source>The trust anchor comes out of the log itself. Compare its fingerprint with that of the ceremony: %1</source>
        <translation>信任锚取自日志本身。请与初始化仪式的指纹核对：%1</translation>
    </message>
    <message>
        <source>It does not begin at the first event: the rules of what was done could not be replayed.</source>
        <translation>日志并非从第一条事件开始：无法重放操作规则。</translation>
    </message>
    <message>
        <source>It could not be checked.</source>
        <translation>无法验证。</translation>
    </message>
    <message>
        <source>The program said nothing.</source>
        <translation>程序没有输出。</translation>
    </message>
    <message>
        <source>Sound: the events from %1 to %2 are there, in order and unchanged.</source>
        <translation>完好：事件 %1 至 %2 齐全、有序、未被更改。</translation>
    </message>
    <message>
        <source>Signed by %1</source>
        <translation>签名者 %1</translation>
    </message>
    <message>
        <source>The log is sound. This is %1.</source>
        <translation>日志完好。报告日期 %1。</translation>
    </message>
    <message>
        <source>The log is sound. %1 is not over: these are figures of a part of the day.</source>
        <translation>日志完好。%1 尚未结束：仅为当日部分数据。</translation>
    </message>
    <message>
        <source>The log is sound, but the beginning of %1 is in the archive.</source>
        <translation>日志完好，但 %1 的起始部分在归档中。</translation>
    </message>
    <message>
        <source>Add the archive segment that holds it, and make the report again.</source>
        <translation>请添加含该部分的归档段，然后重新生成报告。</translation>
    </message>
    <message>
        <source>It holds: the log of today begins with all %1 events of that checkpoint.</source>
        <translation>证明成立：当前日志以该检查点的全部 %1 条事件开头。</translation>
    </message>
    <message>
        <source>None of them was changed, removed or put in between. The log has %1 events now.</source>
        <translation>其中没有事件被更改、删除或插入。日志现有 %1 条事件。</translation>
    </message>
    <message>
        <source>Whose log: %1</source>
        <translation>日志归属：%1</translation>
    </message>
    <message>
        <source>It was held against no earlier checkpoint: whether the log was set back does not show.</source>
        <translation>未与先前的检查点比对：无法判断日志是否被回退。</translation>
    </message>
    <message>
        <source>It does NOT hold.</source>
        <translation>不成立。</translation>
    </message>
    <message>
        <source>The service proved something else: from %1 events to %2, of %3.</source>
        <translation>服务证明的是其他内容：%3 的日志从 %1 条事件到 %2 条。</translation>
    </message>
    <message>
        <source>Mend, restart and delete nothing. Have the platform sealed, keep its files, its exports and your checkpoints, and go on with section 10 of the auditors&apos; handbook.</source>
        <translation>请勿修复、重启或删除任何内容。请封存平台，保留其文件、导出文件和您的检查点，并按审计员手册第 10 节处理。</translation>
    </message>
    <message>
        <source>THE LOG IS NOT SOUND: it is not as it was written, or something was done against the rules.</source>
        <translation>日志不完好：内容与写入时不一致，或有操作违反规则。</translation>
    </message>
    <message>
        <source>Every event in the database is as it was written, in its place, and followed the rules. Whether the whole log was set back shows only against a checkpoint that you keep elsewhere.</source>
        <translation>数据库中每条事件均与写入时一致、位置正确且符合规则。日志是否被整体回退，须与另处保存的检查点比对才能判断。</translation>
    </message>
    <message>
        <source>The service gave a proof that this key does not confirm.</source>
        <translation>服务提供的证明未能用此公钥证实。</translation>
    </message>
    <message>
        <source>Is it the key of this log? If the platform UKEY was replaced since that checkpoint, put in the key of before as well. Otherwise tell whoever is responsible, and do not trust what the service shows.</source>
        <translation>该公钥是否属于此日志？如该检查点之后更换过平台UKEY，请一并填入此前的公钥。否则请告知负责人，且不要采信服务所显示的内容。</translation>
    </message>
    <message>
        <source>The log of today does not hold what it held at that checkpoint: it was changed, or set back.</source>
        <translation>当前日志与该检查点时的内容不符：已被更改或回退。</translation>
    </message>
    <message>
        <source>Change nothing and have the service sealed. Keep the checkpoint: it is the evidence. The auditor&apos;s handbook says in section 10 what comes next.</source>
        <translation>请勿作任何更改并封存服务。请保留检查点作为证据。后续处理见审计员手册第 10 节。</translation>
    </message>
    <message>
        <source>Yes: the proof holds.</source>
        <translation>是：证明成立。</translation>
    </message>
    <message>
        <source>No: this proves nothing.</source>
        <translation>否：不能证明。</translation>
    </message>
    <message>
        <source>Do not rely on it. The file is no proof of this log, was changed, or is about another event; keep it, and ask whoever gave it to you.</source>
        <translation>不可采信。该文件不是此日志的证明、已被更改，或属于其他事件；请保留文件并询问提供者。</translation>
    </message>
    <message>
        <source>That says nothing about the event, neither yes nor no.</source>
        <translation>对该事件既未证实，也未否定。</translation>
    </message>
    <message>
        <source>an unknown time</source>
        <translation>未知时间</translation>
    </message>
    <message>
        <source>It still holds all %1 events of the checkpoint that this computer kept, of %2.</source>
        <translation>日志仍包含本机于 %2 保存的检查点的全部 %1 条事件。</translation>
    </message>
    <message>
        <source>This computer has seen %1 events of this log (%2), and this file ends at %3: what follows is not in it, or was cut.</source>
        <translation>本机曾见此日志有 %1 条事件（%2），而此文件止于 %3：其后内容不在文件中，或已被截去。</translation>
    </message>
    <message>
        <source>It was held against the trust anchor that you gave: %1</source>
        <translation>依据您提供的信任锚验证：%1</translation>
    </message>
    <message>
        <source>Sound: all %1 events of this file are there, in order and unchanged.</source>
        <translation>完好：此文件的全部 %1 条事件齐全，顺序正确，未被更改。</translation>
    </message>
    <message>
        <source>Sound as far as it goes: the events from %1 to %2 are there, in order and unchanged.</source>
        <translation>所含部分完好：事件 %1 至 %2 齐全，顺序正确，未被更改。</translation>
    </message>
    <message>
        <source>It is of the log %1, not of the one that this computer knows: %2</source>
        <translation>其日志为 %1，而非本机已知的 %2</translation>
    </message>
    <message>
        <source>ALARM: the service disowns a checkpoint that the key of its log signed.</source>
        <translation>警报：服务否认由其日志密钥签署的检查点。</translation>
    </message>
    <message>
        <source>Its signature was checked on this computer, with the key above, and it holds. A log that was written anew would answer just so.</source>
        <translation>其签名已在本机用上方公钥核验，成立。被重写的日志正会如此回答。</translation>
    </message>
    <message>
        <source>The service says that no platform UKEY of its log signed that checkpoint.</source>
        <translation>服务称该检查点并非由其日志的平台UKEY签署。</translation>
    </message>
    <message>
        <source>The service says that it is of another log.</source>
        <translation>服务称其属于其他日志。</translation>
    </message>
    <message>
        <source>None of the keys above confirms it either. Look where you have it from: is it of this platform, and all of it? If the platform UKEY was replaced since, put in the key of before as well, and compare again.</source>
        <translation>上方公钥也均未能证实。请核实来源：是否属于本平台、是否完整？如此后更换过平台UKEY，请一并填入此前的公钥后重新比对。</translation>
    </message>
    <message>
        <source>If you know that the checkpoint is genuine, this is an alarm: a log that was written anew would answer just so. Go on with section 10 of the auditors&apos; handbook.</source>
        <translation>如确知该检查点真实，即为警报：被重写的日志正会如此回答。请按审计员手册第 10 节处理。</translation>
    </message>
    <message>
        <source>It still holds all %1 events of the checkpoint that you gave. The one that this computer kept was not looked at.</source>
        <translation>日志仍包含您提供的检查点的全部 %1 条事件。未与本机保存的检查点比对。</translation>
    </message>
    <message>
        <source>The service found its log sound.</source>
        <translation>服务认为其日志完好。</translation>
    </message>
    <message>
        <source>That is its own word: this computer checked nothing of it. Daily report and Export, under Reports, have the log checked on this computer.</source>
        <translation>这是服务自己的结论，本机未作任何核验。“报告”页的“日报”和“导出”可在本机验证日志。</translation>
    </message>
    <message>
        <source>The event is in the log, just as the proof has it. This was checked on this computer with the keys of the log&apos;s checkpoints that stand above, not by the service.</source>
        <translation>该事件确在日志中，与证明所载一致。此结论由本机用上面所列的日志检查点公钥核验，并非服务自述。</translation>
    </message>
    <message>
        <source>Not held against your checkpoint: it lies before what was verified.</source>
        <translation>未与您的检查点比对：该检查点早于所验证的内容。</translation>
    </message>
    <message>
        <source>This file ends before your checkpoint: is it an older file?</source>
        <translation>该文件止于您的检查点之前：是否为较旧的文件？</translation>
    </message>
    <message>
        <source>Your checkpoint is over %1 events; what was verified begins behind them, with event %2. Take all of the log, or a file that begins earlier, to hold against it. What is archived comes in segments, which the daily report takes too.</source>
        <translation>您的检查点覆盖 %1 条事件；所验证的内容在其后，从事件 %2 开始。请用完整日志或起点更早的文件与之比对。已归档部分以分段提供，日报亦可使用。</translation>
    </message>
    <message>
        <source>The file ends at %1 events, and your checkpoint is over %2. If there is a newer file, verify that one.</source>
        <translation>该文件止于 %1 条事件，而您的检查点覆盖 %2 条。如有更新的文件，请验证该文件。</translation>
    </message>
    <message>
        <source>If this is all there is, the log was set back: an alarm.</source>
        <translation>如果日志仅有这些，则日志已被回退：应视为警报。</translation>
    </message>
    <message>
        <source>What was found without it: %1</source>
        <translation>不计该检查点的结果：%1</translation>
    </message>
</context>
<context>
    <name>verified</name>
    <message>
        <source>by the service itself</source>
        <translation>由服务自行验证</translation>
    </message>
    <message>
        <source>by a daily report</source>
        <translation>由日报验证</translation>
    </message>
    <message>
        <source>by an export that was verified here</source>
        <translation>由本机验证的导出文件</translation>
    </message>
</context>
<context>
    <name>words</name>
    <message>
        <source>master-control UKEY</source>
        <translation>主控UKEY</translation>
    </message>
    <message>
        <source>officer UKEY</source>
        <translation>安全官UKEY</translation>
    </message>
    <message>
        <source>key UKEY</source>
        <translation>密钥UKEY</translation>
    </message>
    <message>
        <source>user UKEY</source>
        <translation>用户UKEY</translation>
    </message>
    <message>
        <source>auditor UKEY</source>
        <translation>审计UKEY</translation>
    </message>
    <message>
        <source>platform UKEY</source>
        <translation>平台UKEY</translation>
    </message>
    <message>
        <source>blank</source>
        <translation>空白</translation>
    </message>
    <message>
        <source>initialised</source>
        <translation>已初始化</translation>
    </message>
    <message>
        <source>in use</source>
        <translation>使用中</translation>
    </message>
    <message>
        <source>suspended</source>
        <translation>已暂停</translation>
    </message>
    <message>
        <source>blocked (PIN)</source>
        <translation>已锁定（PIN）</translation>
    </message>
    <message>
        <source>expired</source>
        <translation>已过期</translation>
    </message>
    <message>
        <source>lost</source>
        <translation>已挂失</translation>
    </message>
    <message>
        <source>revoked</source>
        <translation>已吊销</translation>
    </message>
    <message>
        <source>active</source>
        <translation>正常</translation>
    </message>
    <message>
        <source>disabled</source>
        <translation>已停用</translation>
    </message>
    <message>
        <source>locked (password)</source>
        <translation>已锁定（口令）</translation>
    </message>
    <message>
        <source>waiting</source>
        <translation>待审批</translation>
    </message>
    <message>
        <source>approved</source>
        <translation>已批准</translation>
    </message>
    <message>
        <source>rejected</source>
        <translation>已否决</translation>
    </message>
    <message>
        <source>void: the officers changed</source>
        <translation>已作废：安全官已变更</translation>
    </message>
    <message>
        <source>done</source>
        <translation>已完成</translation>
    </message>
    <message>
        <source>failed</source>
        <translation>失败</translation>
    </message>
    <message>
        <source>authenticate meters</source>
        <translation>电表身份认证</translation>
    </message>
    <message>
        <source>open accounts</source>
        <translation>开户</translation>
    </message>
    <message>
        <source>recharge</source>
        <translation>充值</translation>
    </message>
    <message>
        <source>initialise wallets</source>
        <translation>钱包初始化</translation>
    </message>
    <message>
        <source>refund</source>
        <translation>退费</translation>
    </message>
    <message>
        <source>switch relays</source>
        <translation>拉合闸控制</translation>
    </message>
    <message>
        <source>write parameters</source>
        <translation>参数设置</translation>
    </message>
    <message>
        <source>check meters&apos; answers</source>
        <translation>校验电表应答</translation>
    </message>
    <message>
        <source>download keys</source>
        <translation>密钥下装</translation>
    </message>
    <message>
        <source>recover keys</source>
        <translation>密钥恢复</translation>
    </message>
    <message>
        <source>write charging cards</source>
        <translation>写购电卡</translation>
    </message>
    <message>
        <source>sign data</source>
        <translation>数据签名</translation>
    </message>
    <message>
        <source>verify signatures</source>
        <translation>验证签名</translation>
    </message>
    <message>
        <source>encrypt data</source>
        <translation>数据加密</translation>
    </message>
    <message>
        <source>decrypt data</source>
        <translation>数据解密</translation>
    </message>
    <message>
        <source>authenticate data</source>
        <translation>计算数据 MAC</translation>
    </message>
    <message>
        <source>draw random numbers</source>
        <translation>生成随机数</translation>
    </message>
    <message>
        <source>show keys and certificates</source>
        <translation>查看公钥和证书</translation>
    </message>
    <message>
        <source>control</source>
        <translation>控制</translation>
    </message>
    <message>
        <source>identity</source>
        <translation>身份认证</translation>
    </message>
    <message>
        <source>remote</source>
        <translation>远程控制</translation>
    </message>
    <message>
        <source>parameter</source>
        <translation>参数</translation>
    </message>
    <message>
        <source>credit</source>
        <translation>充值</translation>
    </message>
    <message>
        <source>card</source>
        <translation>购电卡</translation>
    </message>
    <message>
        <source>Issue a UKEY</source>
        <translation>签发 UKEY</translation>
    </message>
    <message>
        <source>Renew a UKEY</source>
        <translation>UKEY 续期</translation>
    </message>
    <message>
        <source>Give new masters to a UKEY</source>
        <translation>向 UKEY 注入新主密钥</translation>
    </message>
    <message>
        <source>Set the grant of a UKEY</source>
        <translation>设置 UKEY 授权</translation>
    </message>
    <message>
        <source>Draw new masters of the meters&apos; keys</source>
        <translation>电表密钥轮换（生成新主密钥）</translation>
    </message>
    <message>
        <source>Destroy a version of the meters&apos; keys</source>
        <translation>销毁电表密钥版本</translation>
    </message>
    <message>
        <source>Make a backup</source>
        <translation>备份</translation>
    </message>
    <message>
        <source>Restore from a backup</source>
        <translation>从备份恢复</translation>
    </message>
    <message>
        <source>Give a blocked UKEY a new PIN</source>
        <translation>解锁 UKEY 并设置新 PIN</translation>
    </message>
    <message>
        <source>Put another platform UKEY in place</source>
        <translation>更换平台UKEY</translation>
    </message>
    <message>
        <source>Change the officers</source>
        <translation>变更安全官</translation>
    </message>
    <message>
        <source>Revoke a UKEY</source>
        <translation>吊销 UKEY</translation>
    </message>
    <message>
        <source>Publish the revocation list</source>
        <translation>发布吊销列表</translation>
    </message>
    <message>
        <source>Change how long records are kept</source>
        <translation>变更记录保存期限</translation>
    </message>
    <message>
        <source>Let a meter download its keys once more</source>
        <translation>允许电表再次下装密钥</translation>
    </message>
    <message>
        <source>Erase a UKEY</source>
        <translation>擦除 UKEY</translation>
    </message>
    <message>
        <source>Make a further master-control UKEY</source>
        <translation>增设主控UKEY</translation>
    </message>
    <message>
        <source>Add a network account</source>
        <translation>新增网络账户</translation>
    </message>
    <message>
        <source>Enable a network account</source>
        <translation>启用网络账户</translation>
    </message>
    <message>
        <source>Give a network account a new password</source>
        <translation>重置网络账户口令</translation>
    </message>
    <message>
        <source>Bind a network account to another certificate</source>
        <translation>网络账户换绑证书</translation>
    </message>
    <message>
        <source>Hold the ceremony</source>
        <translation>举行初始化仪式</translation>
    </message>
    <message>
        <source>Have the issuing key ask a root for a certificate</source>
        <translation>为签发密钥向根 CA 申请证书</translation>
    </message>
    <message>
        <source>refused</source>
        <translation>被拒绝</translation>
    </message>
    <message>
        <source>undone</source>
        <translation>已还原</translation>
    </message>
    <message>
        <source>outcome unknown</source>
        <translation>结果未知</translation>
    </message>
    <message>
        <source>The log begins</source>
        <translation>日志起始</translation>
    </message>
    <message>
        <source>Service started</source>
        <translation>服务启动</translation>
    </message>
    <message>
        <source>Service stopped</source>
        <translation>服务停止</translation>
    </message>
    <message>
        <source>Unsealed</source>
        <translation>已启封</translation>
    </message>
    <message>
        <source>Sealed</source>
        <translation>已封存</translation>
    </message>
    <message>
        <source>Recovery at the start</source>
        <translation>启动时恢复</translation>
    </message>
    <message>
        <source>Clock jumped</source>
        <translation>时钟跳变</translation>
    </message>
    <message>
        <source>Configuration</source>
        <translation>配置</translation>
    </message>
    <message>
        <source>Token host failed</source>
        <translation>UKEY 进程故障</translation>
    </message>
    <message>
        <source>Wrong PIN</source>
        <translation>PIN 错误</translation>
    </message>
    <message>
        <source>PIN locked</source>
        <translation>PIN 已锁定</translation>
    </message>
    <message>
        <source>PIN changed</source>
        <translation>PIN 已更改</translation>
    </message>
    <message>
        <source>Copy of a UKEY suspected</source>
        <translation>疑似 UKEY 被复制</translation>
    </message>
    <message>
        <source>UKEY plugged in</source>
        <translation>UKEY 插入</translation>
    </message>
    <message>
        <source>UKEY pulled</source>
        <translation>UKEY 拔出</translation>
    </message>
    <message>
        <source>UKEY initialised</source>
        <translation>UKEY 初始化</translation>
    </message>
    <message>
        <source>UKEY issued</source>
        <translation>UKEY 签发</translation>
    </message>
    <message>
        <source>UKEY&apos;s state changed</source>
        <translation>UKEY 状态变更</translation>
    </message>
    <message>
        <source>Grant set</source>
        <translation>授权设置</translation>
    </message>
    <message>
        <source>Masters given to a UKEY</source>
        <translation>主密钥注入 UKEY</translation>
    </message>
    <message>
        <source>Keys rotated</source>
        <translation>密钥轮换</translation>
    </message>
    <message>
        <source>Keys destroyed</source>
        <translation>密钥销毁</translation>
    </message>
    <message>
        <source>Account set</source>
        <translation>账户设置</translation>
    </message>
    <message>
        <source>Account&apos;s state changed</source>
        <translation>账户状态变更</translation>
    </message>
    <message>
        <source>UKEY opens by itself</source>
        <translation>UKEY 自动登录</translation>
    </message>
    <message>
        <source>UKEY renewed</source>
        <translation>UKEY 续期</translation>
    </message>
    <message>
        <source>Work on a UKEY begun</source>
        <translation>UKEY 操作开始</translation>
    </message>
    <message>
        <source>Work on a UKEY concluded</source>
        <translation>UKEY 操作结束</translation>
    </message>
    <message>
        <source>Minutes of a ceremony</source>
        <translation>初始化仪式记录</translation>
    </message>
    <message>
        <source>Officers set</source>
        <translation>安全官设置</translation>
    </message>
    <message>
        <source>Request made</source>
        <translation>申请提交</translation>
    </message>
    <message>
        <source>Officer&apos;s vote</source>
        <translation>安全官表决</translation>
    </message>
    <message>
        <source>Request closed</source>
        <translation>申请结束</translation>
    </message>
    <message>
        <source>Master-control UKEY added</source>
        <translation>增设主控UKEY</translation>
    </message>
    <message>
        <source>Platform UKEY replaced</source>
        <translation>更换平台UKEY</translation>
    </message>
    <message>
        <source>Backup made</source>
        <translation>完成备份</translation>
    </message>
    <message>
        <source>Restored</source>
        <translation>从备份恢复</translation>
    </message>
    <message>
        <source>Session opened</source>
        <translation>会话建立</translation>
    </message>
    <message>
        <source>Session refused</source>
        <translation>会话被拒绝</translation>
    </message>
    <message>
        <source>Session closed</source>
        <translation>会话结束</translation>
    </message>
    <message>
        <source>Denied</source>
        <translation>操作被拒绝</translation>
    </message>
    <message>
        <source>Station held</source>
        <translation>售电网点冻结</translation>
    </message>
    <message>
        <source>Station released</source>
        <translation>售电网点解冻</translation>
    </message>
    <message>
        <source>Meter authenticated</source>
        <translation>电表身份认证</translation>
    </message>
    <message>
        <source>Order</source>
        <translation>售电订单</translation>
    </message>
    <message>
        <source>Order repeated</source>
        <translation>订单重复提交</translation>
    </message>
    <message>
        <source>Order refused</source>
        <translation>订单被拒绝</translation>
    </message>
    <message>
        <source>Meter&apos;s answer checked</source>
        <translation>电表应答校验</translation>
    </message>
    <message>
        <source>Relay command</source>
        <translation>拉合闸命令</translation>
    </message>
    <message>
        <source>Keys sent</source>
        <translation>密钥下发</translation>
    </message>
    <message>
        <source>Keys loaded</source>
        <translation>密钥下装结果</translation>
    </message>
    <message>
        <source>Download allowed</source>
        <translation>允许密钥下装</translation>
    </message>
    <message>
        <source>Validity set</source>
        <translation>身份认证时效设置</translation>
    </message>
    <message>
        <source>Parameter written</source>
        <translation>参数设置</translation>
    </message>
    <message>
        <source>Read-back checked</source>
        <translation>回抄数据校验</translation>
    </message>
    <message>
        <source>Card authenticated</source>
        <translation>购电卡认证</translation>
    </message>
    <message>
        <source>Card key written</source>
        <translation>购电卡密钥写入</translation>
    </message>
    <message>
        <source>Card written</source>
        <translation>购电卡写入</translation>
    </message>
    <message>
        <source>Card reported</source>
        <translation>购电卡数据回读</translation>
    </message>
    <message>
        <source>Order voided</source>
        <translation>订单作废</translation>
    </message>
    <message>
        <source>Voiding begun</source>
        <translation>订单作废开始</translation>
    </message>
    <message>
        <source>Data signed</source>
        <translation>数据签名</translation>
    </message>
    <message>
        <source>Random drawn</source>
        <translation>随机数生成</translation>
    </message>
    <message>
        <source>Data verified</source>
        <translation>签名验证</translation>
    </message>
    <message>
        <source>Data encrypted</source>
        <translation>数据加密</translation>
    </message>
    <message>
        <source>Data decrypted</source>
        <translation>数据解密</translation>
    </message>
    <message>
        <source>Data authenticated</source>
        <translation>数据 MAC 计算</translation>
    </message>
    <message>
        <source>Keys shown</source>
        <translation>公钥和证书查看</translation>
    </message>
    <message>
        <source>Certificate requested</source>
        <translation>证书申请</translation>
    </message>
    <message>
        <source>Checkpoint signed</source>
        <translation>检查点签署</translation>
    </message>
    <message>
        <source>Revocation list issued</source>
        <translation>吊销列表签发</translation>
    </message>
    <message>
        <source>Export made</source>
        <translation>日志导出</translation>
    </message>
    <message>
        <source>Witness answered</source>
        <translation>见证方恢复应答</translation>
    </message>
    <message>
        <source>Checkpoint held up</source>
        <translation>检查点送出受阻</translation>
    </message>
    <message>
        <source>Checkpoint witnessed</source>
        <translation>检查点已见证</translation>
    </message>
    <message>
        <source>Retention set</source>
        <translation>保存期限设置</translation>
    </message>
    <message>
        <source>Archived</source>
        <translation>已归档</translation>
    </message>
    <message>
        <source>Log verified</source>
        <translation>日志验证</translation>
    </message>
    <message>
        <source>Denials, many</source>
        <translation>大量拒绝（合并）</translation>
    </message>
    <message>
        <source>Deed signed</source>
        <translation>操作签名</translation>
    </message>
    <message>
        <source>Turned away</source>
        <translation>连接被拒</translation>
    </message>
    <message>
        <source>Station proved</source>
        <translation>售电网点身份证明</translation>
    </message>
    <message>
        <source>Standby feed begun</source>
        <translation>备机同步开始</translation>
    </message>
    <message>
        <source>Standby feed stopped</source>
        <translation>备机同步停止</translation>
    </message>
    <message>
        <source>Standby feed resumed</source>
        <translation>备机同步恢复</translation>
    </message>
    <message>
        <source>, </source>
        <translation>、</translation>
    </message>
    <message>
        <source>%1 s</source>
        <translation>%1 秒</translation>
    </message>
    <message>
        <source>%1 min</source>
        <translation>%1 分钟</translation>
    </message>
    <message>
        <source>%1 h</source>
        <translation>%1 小时</translation>
    </message>
    <message>
        <source>%1 d</source>
        <translation>%1 天</translation>
    </message>
    <message>
        <source>in %1</source>
        <translation>%1后</translation>
    </message>
    <message>
        <source>%1 ago</source>
        <translation>%1前</translation>
    </message>
    <message>
        <source>every meter</source>
        <translation>所有电表</translation>
    </message>
    <message>
        <source>meters %1</source>
        <translation>电表 %1</translation>
    </message>
    <message>
        <source>For station %1</source>
        <translation>售电网点 %1</translation>
    </message>
    <message>
        <source>May %1</source>
        <translation>可执行：%1</translation>
    </message>
    <message>
        <source>do nothing</source>
        <translation>无</translation>
    </message>
    <message>
        <source>With keys of class %1</source>
        <translation>密钥类别：%1</translation>
    </message>
    <message>
        <source>For %1</source>
        <translation>适用于%1</translation>
    </message>
    <message>
        <source>At most %1 yuan an order, %2 a day, %3 a month</source>
        <translation>限额：每单 %1 元，每日 %2 元，每月 %3 元</translation>
    </message>
    <message>
        <source>At most %1 orders a minute</source>
        <translation>每分钟最多 %1 单</translation>
    </message>
    <message>
        <source>From %1 of the utility&apos;s day</source>
        <translation>时段：%1（供电公司时间）</translation>
    </message>
    <message>
        <source>On %1</source>
        <translation>限%1</translation>
    </message>
    <message>
        <source>From %1 until %2</source>
        <translation>有效期 %1 至 %2</translation>
    </message>
    <message>
        <source>Until %1</source>
        <translation>有效期至 %1</translation>
    </message>
    <message>
        <source>Without its PIN for the local users %1</source>
        <translation>本机用户 %1 免 PIN 使用</translation>
    </message>
    <message>
        <source>; </source>
        <translation>；</translation>
    </message>
    <message>
        <source>Something that was entered cannot be.</source>
        <translation>输入的内容无效。</translation>
    </message>
    <message>
        <source>Correct what the line below names, and try again.</source>
        <translation>请更正下行所指内容后重试。</translation>
    </message>
    <message>
        <source>Something could not be read.</source>
        <translation>有内容无法读取。</translation>
    </message>
    <message>
        <source>Choose another file or text; if it came from the service, tell the administrator.</source>
        <translation>请选择其他文件或文本；如果来自服务，请通知管理员。</translation>
    </message>
    <message>
        <source>What was asked for is not there.</source>
        <translation>请求的对象不存在。</translation>
    </message>
    <message>
        <source>Look whether it was plugged in, started or spelt as it should be.</source>
        <translation>请检查是否已插入、已启动，或拼写是否正确。</translation>
    </message>
    <message>
        <source>There is one already.</source>
        <translation>已经存在。</translation>
    </message>
    <message>
        <source>Look at what is there; choose another name or UKEY.</source>
        <translation>请查看现有内容，另选名称或 UKEY。</translation>
    </message>
    <message>
        <source>It has changed meanwhile.</source>
        <translation>内容在此期间已变更。</translation>
    </message>
    <message>
        <source>Look at it as it is now, and ask again.</source>
        <translation>请查看当前内容后重新提交。</translation>
    </message>
    <message>
        <source>You may not do this here.</source>
        <translation>此处无权执行该操作。</translation>
    </message>
    <message>
        <source>The line below says who may.</source>
        <translation>下行说明谁有权执行。</translation>
    </message>
    <message>
        <source>A rule says no. Nothing was changed.</source>
        <translation>规则不允许。未作任何更改。</translation>
    </message>
    <message>
        <source>The line below names the rule and what is possible.</source>
        <translation>下行说明该规则以及允许的操作。</translation>
    </message>
    <message>
        <source>The PIN is wrong. It was counted.</source>
        <translation>PIN 错误，已计入错误次数。</translation>
    </message>
    <message>
        <source>Try again with care: after ten wrong PINs the UKEY is blocked.</source>
        <translation>请谨慎重试：PIN 连续输错十次，UKEY 将被锁定。</translation>
    </message>
    <message>
        <source>The UKEY is blocked: its PIN was wrong too often.</source>
        <translation>UKEY 已锁定：PIN 错误次数过多。</translation>
    </message>
    <message>
        <source>An officer unblocks it with a new PIN.</source>
        <translation>由安全官解锁并设置新 PIN。</translation>
    </message>
    <message>
        <source>The platform is sealed.</source>
        <translation>平台已封存。</translation>
    </message>
    <message>
        <source>Unseal it on the page Home, with the platform UKEY.</source>
        <translation>请在“首页”用平台UKEY启封。</translation>
    </message>
    <message>
        <source>The platform has not been set up.</source>
        <translation>平台尚未初始化。</translation>
    </message>
    <message>
        <source>Hold the ceremony: the page Home leads through it.</source>
        <translation>请举行初始化仪式，“首页”会逐步引导。</translation>
    </message>
    <message>
        <source>The service has much to do just now.</source>
        <translation>服务当前繁忙。</translation>
    </message>
    <message>
        <source>Try again in some seconds.</source>
        <translation>请几秒后重试。</translation>
    </message>
    <message>
        <source>There was no answer in time.</source>
        <translation>未及时应答。</translation>
    </message>
    <message>
        <source>Look at the UKEY and at the page Home, then try again.</source>
        <translation>请检查 UKEY 并查看“首页”，然后重试。</translation>
    </message>
    <message>
        <source>It was cancelled.</source>
        <translation>已取消。</translation>
    </message>
    <message>
        <source>Nothing further happens.</source>
        <translation>不会继续执行。</translation>
    </message>
    <message>
        <source>The UKEY was pulled.</source>
        <translation>UKEY 已拔出。</translation>
    </message>
    <message>
        <source>Plug it in and try again.</source>
        <translation>请插入后重试。</translation>
    </message>
    <message>
        <source>The UKEY reports a failure.</source>
        <translation>UKEY 报告故障。</translation>
    </message>
    <message>
        <source>Pull it, plug it in and try again; if it stays, have it replaced.</source>
        <translation>请重新插拔后重试；如故障依旧，请更换。</translation>
    </message>
    <message>
        <source>This UKEY cannot do the job.</source>
        <translation>此 UKEY 不能执行该操作。</translation>
    </message>
    <message>
        <source>Use another one; the line below names what it lacks.</source>
        <translation>请换用其他 UKEY；下行说明所缺功能。</translation>
    </message>
    <message>
        <source>The UKEY lacks a key that this takes.</source>
        <translation>UKEY 缺少所需密钥。</translation>
    </message>
    <message>
        <source>A signature or a key does not hold.</source>
        <translation>签名或密钥无效。</translation>
    </message>
    <message>
        <source>Do not go on with it: tell the auditor.</source>
        <translation>请勿继续，并通知审计员。</translation>
    </message>
    <message>
        <source>It may have been done: the answer was lost.</source>
        <translation>操作可能已执行：应答丢失。</translation>
    </message>
    <message>
        <source>Look at the list and at the log before you ask again.</source>
        <translation>重新提交前请先查看列表和日志。</translation>
    </message>
    <message>
        <source>The disk is full. Nothing is signed until there is room.</source>
        <translation>磁盘已满。腾出空间之前不进行任何签名。</translation>
    </message>
    <message>
        <source>Tell the administrator.</source>
        <translation>请通知管理员。</translation>
    </message>
    <message>
        <source>The database cannot be written or read.</source>
        <translation>数据库无法读写。</translation>
    </message>
    <message>
        <source>Tell the administrator; nothing is signed meanwhile.</source>
        <translation>请通知管理员；在此期间不进行任何签名。</translation>
    </message>
    <message>
        <source>What is stored is not what was written, or the log was set back.</source>
        <translation>存储的数据与写入的不符，或日志被回退。</translation>
    </message>
    <message>
        <source>Stop, change nothing, and tell the auditor.</source>
        <translation>请立即停止，勿作任何更改，并通知审计员。</translation>
    </message>
    <message>
        <source>It has expired.</source>
        <translation>已过期。</translation>
    </message>
    <message>
        <source>Renew it, or use another one.</source>
        <translation>请续期，或另换一个。</translation>
    </message>
    <message>
        <source>The service cannot do this.</source>
        <translation>服务不支持此操作。</translation>
    </message>
    <message>
        <source>It may be of another version: tell the administrator.</source>
        <translation>服务版本可能不同，请通知管理员。</translation>
    </message>
    <message>
        <source>The connection or a file failed.</source>
        <translation>连接或文件出错。</translation>
    </message>
    <message>
        <source>Look whether the service runs; this window connects again by itself.</source>
        <translation>请检查服务是否运行；本窗口会自动重新连接。</translation>
    </message>
    <message>
        <source>This should not happen.</source>
        <translation>出现了不应发生的错误。</translation>
    </message>
    <message>
        <source>Write down the line below and tell whoever maintains this.</source>
        <translation>请记下下行内容并告知维护人员。</translation>
    </message>
    <message>
        <source>opening an account</source>
        <translation>开户</translation>
    </message>
    <message>
        <source>initialising the wallet</source>
        <translation>钱包初始化</translation>
    </message>
    <message>
        <source>clearing</source>
        <translation>销户清零</translation>
    </message>
    <message>
        <source>replacing the card</source>
        <translation>补卡</translation>
    </message>
    <message>
        <source>no meter</source>
        <translation>无电表</translation>
    </message>
    <message>
        <source>Master-control</source>
        <translation>主控</translation>
    </message>
    <message>
        <source>Officer</source>
        <translation>安全官</translation>
    </message>
    <message>
        <source>Key</source>
        <translation>密钥</translation>
    </message>
    <message>
        <source>User</source>
        <translation>用户</translation>
    </message>
    <message>
        <source>Auditor</source>
        <translation>审计</translation>
    </message>
    <message>
        <source>Platform</source>
        <translation>平台</translation>
    </message>
    <message>
        <source>suspend</source>
        <translation>暂停</translation>
    </message>
    <message>
        <source>resume</source>
        <translation>恢复</translation>
    </message>
    <message>
        <source>unblock with a new PIN</source>
        <translation>以新 PIN 解锁</translation>
    </message>
    <message>
        <source>renew</source>
        <translation>续期</translation>
    </message>
    <message>
        <source>report lost</source>
        <translation>挂失</translation>
    </message>
    <message>
        <source>revoke</source>
        <translation>吊销</translation>
    </message>
    <message>
        <source>erase</source>
        <translation>擦除</translation>
    </message>
    <message>
        <source>PIN</source>
        <translation>PIN</translation>
    </message>
    <message>
        <source>unix user</source>
        <translation>本机用户</translation>
    </message>
    <message>
        <source>password</source>
        <translation>口令</translation>
    </message>
    <message>
        <source>certificate</source>
        <translation>证书</translation>
    </message>
    <message>
        <source>%1 (factory)</source>
        <translation>%1（出厂）</translation>
    </message>
    <message>
        <source>%1 %2</source>
        <comment>credit 2: a class and the version of its master</comment>
        <translation>%1 %2</translation>
    </message>
    <message>
        <source>Choose Give it masters, on its page.</source>
        <translation>请在该 UKEY 页面点击“注入主密钥”。</translation>
    </message>
    <message>
        <source>erased</source>
        <translation>已擦除</translation>
    </message>
    <message>
        <source>initialise</source>
        <translation>初始化</translation>
    </message>
    <message>
        <source>issue</source>
        <translation>签发</translation>
    </message>
    <message>
        <source>block</source>
        <translation>锁定</translation>
    </message>
    <message>
        <source>expire</source>
        <translation>过期</translation>
    </message>
    <message>
        <source>impossible value</source>
        <translation>无效值</translation>
    </message>
    <message>
        <source>not readable</source>
        <translation>无法读取</translation>
    </message>
    <message>
        <source>not found</source>
        <translation>不存在</translation>
    </message>
    <message>
        <source>there already</source>
        <translation>已存在</translation>
    </message>
    <message>
        <source>changed meanwhile</source>
        <translation>期间已变更</translation>
    </message>
    <message>
        <source>not allowed</source>
        <translation>无权执行</translation>
    </message>
    <message>
        <source>against a rule</source>
        <translation>违反规则</translation>
    </message>
    <message>
        <source>wrong PIN</source>
        <translation>PIN 错误</translation>
    </message>
    <message>
        <source>PIN blocked</source>
        <translation>PIN 已锁定</translation>
    </message>
    <message>
        <source>sealed</source>
        <translation>已封存</translation>
    </message>
    <message>
        <source>not set up</source>
        <translation>未初始化</translation>
    </message>
    <message>
        <source>too busy</source>
        <translation>服务繁忙</translation>
    </message>
    <message>
        <source>no answer in time</source>
        <translation>应答超时</translation>
    </message>
    <message>
        <source>cancelled</source>
        <translation>已取消</translation>
    </message>
    <message>
        <source>UKEY failed</source>
        <translation>UKEY 故障</translation>
    </message>
    <message>
        <source>UKEY not suitable</source>
        <translation>UKEY 不适用</translation>
    </message>
    <message>
        <source>key missing</source>
        <translation>缺少密钥</translation>
    </message>
    <message>
        <source>key or signature wrong</source>
        <translation>密钥或签名无效</translation>
    </message>
    <message>
        <source>disk full</source>
        <translation>磁盘已满</translation>
    </message>
    <message>
        <source>database failed</source>
        <translation>数据库故障</translation>
    </message>
    <message>
        <source>tampered with</source>
        <translation>数据被篡改</translation>
    </message>
    <message>
        <source>not supported</source>
        <translation>不支持</translation>
    </message>
    <message>
        <source>connection or file failed</source>
        <translation>连接或文件出错</translation>
    </message>
    <message>
        <source>internal error</source>
        <translation>内部错误</translation>
    </message>
</context>
</TS>
