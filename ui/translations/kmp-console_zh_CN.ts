<?xml version="1.0" encoding="utf-8"?>
<!DOCTYPE TS>
<TS version="2.1" language="zh_CN" sourcelanguage="en">
<context>
    <name>pages</name>
    <message>
        <source>Home</source>
        <translation type="unfinished"></translation>
    </message>
</context>
<context>
    <name>ui::home::HomePage</name>
    <message>
        <source>What wants attention</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Nothing.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Readers</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>No reader is there. A UKEY appears as soon as it is plugged in.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Orders per minute</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Service</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Log</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Sign a checkpoint now</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Connecting …</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>No answer</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>The service of %1 is not running.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Not set up yet</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Two blank UKEYs, or more where several officers share the work, and half an hour.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Sealed</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Nothing is signed and nothing is read until the platform UKEY opens it.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Unseal …</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Failing</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>%1 · it refuses everything until its log can be written</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Seal …</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>In good order</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Open, with something to look at</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>%1 · open since %2</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>%1 in the last minute</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>, %1 of them refused</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>; half answered within %1 ms, 99 % within %2 ms</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Platform UKEY</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Its certificate</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>until %1</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Officers</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>one person holds the master-control UKEY</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>%1, of whom %2 must agree</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Stations</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>%1 sessions on %2 connections</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Waiting</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>%1 of stations, %2 of officers</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Disk</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>%1 free</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Memory</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>secrets are locked in</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>secrets may be swapped out</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Network</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Standby</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>%1 events behind</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Version</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Events</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Archived</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>those before %1</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Last checkpoint</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>none yet</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>%1, over %2 events</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Since then</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>%1 events</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Continuity</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>goes on from what this computer saw before</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>does not go on from what this computer saw before</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Copies to</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Witness %1</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>nothing yet</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>up to %1 events, %2</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Checkpoints do not reach %1: %2</source>
        <translation type="unfinished"></translation>
    </message>
    <message numerus="yes">
        <source>%n request(s) wait for officers</source>
        <translation type="unfinished">
            <numerusform></numerusform>
        </translation>
    </message>
    <message>
        <source>Unseal the platform</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Unseal</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>The database is opened with the platform UKEY.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Stations can vend again, and officers can work.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>The platform is open.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Seal the platform</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Seal</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Every session ends, and stations cannot vend.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>The database and all UKEYs are closed.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Only the PIN of the platform UKEY opens it again.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>The platform is sealed.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>A checkpoint was signed.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Without the cosignature of: %1</source>
        <translation type="unfinished"></translation>
    </message>
</context>
<context>
    <name>ui::home::OrdersChart</name>
    <message>
        <source>Orders per minute</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>%1 in the last minute, %2 of them refused</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>60 min ago</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>now</source>
        <translation type="unfinished"></translation>
    </message>
</context>
<context>
    <name>ui::home::ReaderCard</name>
    <message>
        <source>open</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Blank UKEY</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>can be issued</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Being read …</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Another platform&apos;s UKEY</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Cannot be read</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Nothing plugged in</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Reader %1: %2</source>
        <translation type="unfinished"></translation>
    </message>
</context>
<context>
    <name>ui::parts::DeedDialog</name>
    <message>
        <source>Cancel</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Close</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Stop waiting</source>
        <translation type="unfinished"></translation>
    </message>
</context>
<context>
    <name>ui::parts::DeedForm</name>
    <message>
        <source>%1, once more</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Once more</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>One line, for the log</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Reason</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>PIN of the master-control UKEY</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Your officer UKEY</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>PIN of your officer UKEY</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>PIN of the auditor UKEY</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>PIN of the platform UKEY</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>The service does not answer.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Plug in the master-control UKEY.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Plug in your officer UKEY.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Plug in the auditor UKEY.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Plug in UKEY %1.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>%1 in reader %2</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Officers decide on this: it becomes a request.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>%1 of %2 officers must agree, on the page Approvals.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Asking the service …</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Request %1 asks for this already.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Request %1 was made.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>%1 officers must agree by %2.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Go to it</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Done.</source>
        <translation type="unfinished"></translation>
    </message>
</context>
<context>
    <name>ui::parts::PinField</name>
    <message>
        <source>PIN</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>A PIN has at most %1 bytes.</source>
        <translation type="unfinished"></translation>
    </message>
</context>
<context>
    <name>ui::window::LockScreen</name>
    <message>
        <source>Go on</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Locked</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>No PIN is kept and no auditor is logged in. Whatever needs a PIN asks for it.</source>
        <translation type="unfinished"></translation>
    </message>
</context>
<context>
    <name>ui::window::MainWindow</name>
    <message>
        <source>Nobody was at the window for %1 min.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Key management platform</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Pages</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>&amp;Window</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>&amp;Lock</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>You have locked it.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Lock when &amp;idle for</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>%1 min</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>&amp;Quit</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>&amp;Go</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>&amp;Read again</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>&amp;Language</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>&amp;Help</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>&amp;About</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Go to Home</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>The service does not answer.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>This window goes on trying. Is kmpd running? An administrator starts it.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>The log is not the one that is known here.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>It was set back, or it is another platform&apos;s. Change nothing; tell the auditor. Until it is explained, UKEYs can only be suspended, reported lost and revoked from here.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>The service refuses everything.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>It cannot write its log. It goes on by itself once it can.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>The platform is sealed.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Nothing is signed until it is unsealed with the platform UKEY.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>The platform is not set up yet.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>The page Home leads through the ceremony.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>There is nothing to show while the service does not answer.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>There is nothing to show until the platform is open.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>UKEY %1 was pulled.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>%1 is logged in as auditor.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Log out</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Log in as auditor</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Log in</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Until you log out or pull your UKEY, this window reads the log in your name. The log says so.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Lock</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Something is being done with a UKEY. Lock the window when it is done.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>About</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>&lt;h3&gt;Key management platform&lt;/h3&gt;&lt;p&gt;Version %1&lt;/p&gt;&lt;p&gt;Home: %2&lt;/p&gt;&lt;p&gt;This window holds no key and no PIN; it asks the service on its socket.&lt;/p&gt;</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Quit</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Something is being done with a UKEY. Quit all the same? It goes on without you; the log says what came of it.</source>
        <translation type="unfinished"></translation>
    </message>
</context>
<context>
    <name>words</name>
    <message>
        <source>master-control UKEY</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>officer UKEY</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>key UKEY</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>user UKEY</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>auditor UKEY</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>platform UKEY</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>blank</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>initialised</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>in use</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>suspended</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>blocked (PIN)</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>expired</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>lost</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>revoked</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>destroyed</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>active</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>disabled</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>locked (password)</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>waiting</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>approved</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>rejected</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>void: the officers changed</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>done</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>failed</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>authenticate meters</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>open accounts</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>recharge</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>initialise wallets</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>refund</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>switch relays</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>write parameters</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>check meters&apos; answers</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>download keys</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>recover keys</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>write charging cards</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>sign data</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>verify signatures</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>encrypt data</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>decrypt data</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>authenticate data</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>draw random numbers</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>show keys and certificates</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>control</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>identity</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>remote</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>parameter</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>credit</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>card</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Issue a UKEY</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Renew a UKEY</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Give new masters to a UKEY</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Set the grant of a UKEY</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Draw new masters of the meters&apos; keys</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Destroy a version of the meters&apos; keys</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Make a backup</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Restore from a backup</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Give a blocked UKEY a new PIN</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Put another platform UKEY in place</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Change the officers</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Revoke a UKEY</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Publish the revocation list</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Change how long records are kept</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Let a meter download its keys once more</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Erase a UKEY</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Make a further master-control UKEY</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Add a network account</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Enable a network account</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Give a network account a new password</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Bind a network account to another certificate</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Hold the ceremony</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Have the issuing key ask a root for a certificate</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>refused</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>undone</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>outcome unknown</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>The log begins</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Service started</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Service stopped</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Unsealed</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Sealed</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Recovery at the start</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Clock jumped</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Configuration</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Token host failed</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Wrong PIN</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>PIN locked</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>PIN changed</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Copy of a UKEY suspected</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>UKEY plugged in</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>UKEY pulled</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>UKEY initialised</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>UKEY issued</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>UKEY&apos;s state changed</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Grant set</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Masters given to a UKEY</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Keys rotated</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Keys destroyed</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Account set</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Account&apos;s state changed</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>UKEY opens by itself</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>UKEY renewed</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Work on a UKEY begun</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Work on a UKEY concluded</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Minutes of a ceremony</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Officers set</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Request made</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Officer&apos;s vote</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Request closed</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Master-control UKEY added</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Platform UKEY replaced</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Backup made</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Restored</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Session opened</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Session refused</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Session closed</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Denied</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Station held</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Station released</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Meter authenticated</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Order</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Order repeated</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Order refused</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Meter&apos;s answer checked</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Relay command</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Keys sent</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Keys loaded</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Download allowed</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Validity set</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Parameter written</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Read-back checked</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Card authenticated</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Card key written</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Card written</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Card reported</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Order voided</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Voiding begun</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Data signed</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Random drawn</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Data verified</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Data encrypted</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Data decrypted</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Data authenticated</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Keys shown</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Certificate requested</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Checkpoint signed</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Revocation list issued</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Export made</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Witness answered</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Checkpoint held up</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Checkpoint witnessed</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Retention set</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Archived</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Log verified</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Denials, many</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Deed signed</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Turned away</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Station proved</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Standby feed begun</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Standby feed stopped</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Standby feed resumed</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>, </source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>%1 s</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>%1 min</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>%1 h</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>%1 d</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>in %1</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>%1 ago</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>every meter</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>meters %1</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>For station %1</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>May %1</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>do nothing</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>With keys of class %1</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>For %1</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>At most %1 yuan an order, %2 a day, %3 a month</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>At most %1 orders a minute</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>From %1 of the utility&apos;s day</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>On %1</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>From %1 until %2</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Until %1</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Without its PIN for the local users %1</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>; </source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Something that was entered cannot be.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Correct what the line below names, and try again.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Something could not be read.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Choose another file or text; if it came from the service, tell the administrator.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>What was asked for is not there.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Look whether it was plugged in, started or spelt as it should be.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>There is one already.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Look at what is there; choose another name or UKEY.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>It has changed meanwhile.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Look at it as it is now, and ask again.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>You may not do this here.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>The line below says who may.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>A rule says no. Nothing was changed.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>The line below names the rule and what is possible.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>The PIN is wrong. It was counted.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Try again with care: after ten wrong PINs the UKEY is blocked.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>The UKEY is blocked: its PIN was wrong too often.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>An officer unblocks it with a new PIN.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>The platform is sealed.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Unseal it on the page Home, with the platform UKEY.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>The platform has not been set up.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Hold the ceremony: the page Home leads through it.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>The service has much to do just now.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Try again in some seconds.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>There was no answer in time.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Look at the UKEY and at the page Home, then try again.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>It was cancelled.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Nothing further happens.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>The UKEY was pulled.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Plug it in and try again.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>The UKEY reports a failure.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Pull it, plug it in and try again; if it stays, have it replaced.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>This UKEY cannot do the job.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Use another one; the line below names what it lacks.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>The UKEY lacks a key that this takes.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Give it its masters: Inject, on its page.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>A signature or a key does not hold.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Do not go on with it: tell the auditor.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>It may have been done: the answer was lost.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Look at the list and at the log before you ask again.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>The disk is full. Nothing is signed until there is room.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Tell the administrator.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>The database cannot be written or read.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Tell the administrator; nothing is signed meanwhile.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>What is stored is not what was written, or the log was set back.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Stop, change nothing, and tell the auditor.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>It has expired.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Renew it, or use another one.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>The service cannot do this.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>It may be of another version: tell the administrator.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>The connection or a file failed.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Look whether the service runs; this window connects again by itself.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>This should not happen.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Write down the line below and tell whoever maintains this.</source>
        <translation type="unfinished"></translation>
    </message>
</context>
</TS>
