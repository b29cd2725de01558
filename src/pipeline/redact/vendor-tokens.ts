/**
 * Credentials that their issuers give a recognisable prefix, from the issuers' documentation and the rule sets of public
 * secret scanners.
 *
 * Each line: kind, prefixes, and what follows the prefix. Prefixes are kept apart from the rest so that no line of this
 * file is a token. `weak` prefixes are letters that base64 or an identifier can hold by chance: they count only where
 * nothing but the token stands between two boundaries.
 */
export interface TokenFormat {
  readonly kind: string;
  readonly prefixes: readonly string[];
  readonly rest: string;
  readonly weak?: true;
}

function format(kind: string, prefixes: string, rest: string): TokenFormat {
  return { kind, prefixes: prefixes.split(' '), rest };
}

function weak(kind: string, prefixes: string, rest: string): TokenFormat {
  return { kind, prefixes: prefixes.split(' '), rest, weak: true };
}

/** At least one digit, one lower-case and one upper-case letter soon; bounded, so that a failure stays cheap. */
const MIXED = '(?=[A-Za-z]{0,40}\\d)(?=[A-Z0-9]{0,40}[a-z])(?=[a-z0-9]{0,40}[A-Z])';

const CLOUD: readonly TokenFormat[] = [
  format('aws_key', 'AKIA ASIA ABIA ACCA AROA AIDA AGPA ANPA ANVA AIPA APKA A3T', '[A-Z0-9]{16,17}(?![\\w/+=])'),
  weak('aws_key', 'ABSK', '[A-Za-z0-9+/]{100,400}={0,2}'),
  format('aws_key', 'bedrock-api-key-', '[\\w+/-]{20,}={0,2}'),
  format('aws_session_token', 'IQoJb3JpZ2lu FwoGZXIvYXdz', '[\\w+/-]{40,}={0,2}'),
  format('aws_mws_key', 'amzn.mws.', '[0-9a-f-]{36}'),
  weak('gcp_key', 'AIza', '[\\w-]{35}'),
  format('gcp_token', 'ya29.', '[\\w.-]{20,}'),
  format('gcp_client_secret', 'GOCSPX-', '[\\w-]{24,}'),
  format('digitalocean_token', 'dop_v1_ doo_v1_ dor_v1_', '[a-f0-9]{64}'),
  weak('alibaba_key', 'LTAI', '[A-Za-z0-9]{12,30}'),
  weak('tencent_key', 'AKID', '[A-Za-z0-9]{32}'),
  format('databricks_token', 'dapi', '[a-h0-9]{32}(?:-\\d)?'),
  format('heroku_key', 'HRKU-', '[\\w-]{36,}'),
  format('fly_token', 'fo1_ fm1_ fm1a_ fm1r_ fm2_', '[\\w+/-]{43,}={0,3}'),
  format('vercel_token', 'vcp_ vci_ vca_ vcr_ vck_', '\\w{24,}'),
  format('netlify_token', 'nfp_', '\\w{36,}'),
  format('cloudflare_token', 'cfk_ cfut_ cfat_ cfoat_', '\\w{36,}'),
  format('cloudflare_token', 'v1.0-', '[a-f0-9]{24}-[a-f0-9]{146}'),
  format('scaleway_key', 'SCW', '[A-Z0-9]{17}(?![A-Z0-9])'),
  format('yandex_key', 'AQVN', '[\\w-]{35,38}'),
  format('yandex_token', 't1.', '[\\w-]+={0,2}\\.[\\w-]{80,}={0,2}'),
  weak('yandex_key', 'YCAJ YCA YCP', '[\\w-]{35,38}'),
  format('openshift_token', 'sha256~', '[\\w-]{43}'),
  format('scalingo_token', 'tk-us-', '[\\w-]{48}'),
  format('render_token', 'rnd_', '[A-Za-z0-9]{28,}'),
  weak('clickhouse_key', '4b1d', `${MIXED}[A-Za-z0-9]{38}`),
  format('mongodb_token', 'mdb_sa_sk_', '[\\w-]{40}'),
  format('ionic_token', 'ion_', '[a-z0-9]{42}'),
  format('salesforce_token', '00D', '[A-Za-z0-9]{9,15}![\\w.]{80,}'),
];

const SOURCE_HOSTS: readonly TokenFormat[] = [
  format('github_token', 'ghp_ gho_ ghu_ ghs_ ghr_', '[A-Za-z0-9]{36,}'),
  format('github_token', 'github_pat_', '\\w{22,}'),
  format(
    'gitlab_token',
    'glpat- glptt- gldt- glcbt- glrt- glft- glffct- glimt- glagent- gloas- glsoat- glrtr- glwt-',
    '[\\w.-]{19,}[\\w-]',
  ),
  format('gitlab_token', 'GR1348941', '[\\w-]{20,}'),
  format('gitlab_session', 'gitlab_session=', '[0-9a-z]{32}'),
  format('atlassian_token', 'ATATT3 ATCTT3', '[\\w=-]{60,}'),
  weak('bitbucket_token', 'ATBB', '[A-Za-z0-9]{28,}'),
  format('sourcegraph_token', 'sgp_ slk_', '\\w{40,}'),
  format('buildkite_token', 'bkua_', '[a-z0-9]{40}'),
  format('dependency_track_key', 'odt_', '[A-Za-z0-9]{32,}'),
  format('stackhawk_key', 'hawk.', '[\\w-]{20}\\.[\\w-]{20}'),
  format('circleci_token', 'CCIPAT_ CCIPRJ_', '[A-Za-z0-9]{20,}_[a-f0-9]{40}'),
  format('sonar_token', 'sqp_ sqa_ squ_', '[a-z0-9=_-]{40}'),
  format('docker_token', 'dckr_pat_ dckr_oat_', '[\\w-]{20,}'),
  format('npm_token', 'npm_', '[A-Za-z0-9]{36,}'),
  format('pypi_token', 'pypi-', '[\\w-]{50,}'),
  format('rubygems_token', 'rubygems_', '[a-f0-9]{48}'),
  weak('nuget_key', 'oy2', '[a-z0-9]{43}'),
  weak('cargo_token', 'cio', '[a-zA-Z0-9]{32}'),
  format('clojars_token', 'CLOJARS_', '[A-Za-z0-9]{60}'),
  weak('artifactory_key', 'AKC', '(?=[A-Z0-9]{0,40}[a-z])[A-Za-z0-9]{10,}'),
  weak('artifactory_key', 'AP0 AP1 AP2 AP3 AP4 AP5 AP6 AP7 AP8 AP9', '(?=[A-Z0-9]{0,40}[a-z])[A-Za-z0-9]{10,}'),
  weak('artifactory_key', 'APA APB APC APD APE APF', `${MIXED}[A-Za-z0-9]{10,}`),
  weak('artifactory_key', 'cmVmd', '[A-Za-z0-9]{59}'),
  format('octopus_key', 'API-', '(?=[A-Z]{0,25}\\d)[A-Z0-9]{26}(?![A-Za-z0-9])'),
  format('prefect_key', 'pnu_ pnb_', '[A-Za-z0-9]{36}'),
  format('pulumi_token', 'pul-', '[a-f0-9]{40}'),
  format('postman_key', 'PMAK-', '[a-f0-9]{24}-[a-f0-9]{34}'),
  format('postman_key', 'PMAT-', '[A-Z0-9]{26}'),
  format('readme_key', 'rdme_', '[a-z0-9]{70}'),
  format('infracost_key', 'ico-', '[A-Za-z0-9]{32}(?![A-Za-z0-9.])'),
  format('harness_key', 'pat. sat.', '[\\w-]{22}\\.[A-Za-z0-9]{24}\\.[A-Za-z0-9]{20}'),
  format('launchdarkly_key', 'sdk- mob-', '[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[0-9a-f]{4}-[0-9a-f]{12}'),
];

const STORES: readonly TokenFormat[] = [
  format('vault_token', 'hvs. hvb. hvr.', '[\\w-]{24,}'),
  weak('vault_token', 's. b.', `${MIXED}[A-Za-z0-9]{24}`),
  format('doppler_token', 'dp.pt. dp.st. dp.ct. dp.sa. dp.scim. dp.audit.', '[\\w.-]{36,}'),
  format(
    'onepassword_key',
    'A3-',
    '[A-Z0-9]{6}-(?:[A-Z0-9]{11}|[A-Z0-9]{6}-[A-Z0-9]{5})-[A-Z0-9]{5}-[A-Z0-9]{5}-[A-Z0-9]{5}',
  ),
  format('onepassword_token', 'ops_eyJ', '[A-Za-z0-9+/_-]{60,}={0,3}'),
  format('age_key', 'AGE-SECRET-KEY-1', '[QPZRY9X8GF2TVDW0S3JN54KHCE6MUA7L]{58}'),
  format('planetscale_token', 'pscale_tkn_ pscale_oauth_ pscale_pw_', '[\\w=.-]{32,}'),
  format('supabase_key', 'sbp_ sb_secret_', '\\w{30,}'),
  format('airtable_token', 'pat', '[A-Za-z0-9]{14}\\.[a-z0-9]{62,66}'),
  format('contentful_token', 'CFPAT-', '[\\w-]{43}'),
  format('notion_token', 'ntn_', '\\w{40,}'),
  format('notion_token', 'secret_', '[A-Za-z0-9]{43}(?!\\w)'),
  format('pinecone_key', 'pcsk_', '\\w{40,}'),
  format('figma_token', 'figd_ figo_ figu_', '[\\w-]{30,}'),
  format('linear_key', 'lin_api_ lin_oauth_', '[A-Za-z0-9]{40,}'),
  format('typeform_token', 'tfp_', '[\\w=.-]{40,}'),
  format('hubspot_token', 'pat-na1- pat-na2- pat-eu1-', '[0-9a-f-]{36}'),
  format('dropbox_token', 'sl.', '[\\w=-]{60,}'),
  format('frameio_token', 'fio-u-', '[\\w=-]{64}'),
  format('tailscale_key', 'tskey-', '[a-z]+-[A-Za-z0-9]+(?:-[A-Za-z0-9]+)?'),
  format('defined_key', 'dnkey-', '[\\w=-]{26,}'),
  format('settlemint_token', 'sm_aat_ sm_pat_ sm_sat_', '[A-Za-z0-9]{16}'),
  format('apify_token', 'apify_api_', '\\w{30,}'),
  format('intra42_secret', 's-s4t2ud- s-s4t2af-', '[a-f0-9]{64}'),
  format('adobe_secret', 'p8e-', '[A-Za-z0-9-]{32}'),
  format(
    'authress_key',
    'sc_ ext_ scauth_ authress_',
    '[A-Za-z0-9]{5,30}\\.[A-Za-z0-9]{4,6}\\.acc[_-][a-z0-9-]{10,32}\\.[\\w+/=-]{30,120}',
  ),
  format('clickup_token', 'pk_', '\\d{7,8}_[0-9A-Z]{32}'),
  format('adafruit_key', 'aio_', '[A-Za-z0-9]{28}'),
  format('flexport_token', 'shltm_', '[\\w-]{40}'),
  format('fleetbase_key', 'flb_live_ flb_test_', '[A-Za-z0-9]{20}'),
  format('fullstory_key', 'na1. eu1.', '[A-Za-z0-9+/]{80,100}={0,2}'),
  format('nightfall_key', 'NF-', '[A-Za-z0-9]{32}(?!\\w)'),
  format('pubnub_key', 'sec-c- pub-c- sub-c-', '[0-9A-Za-z]{8}-?[\\w-]{20,}'),
  format('ubidots_token', 'BBFF-', '[A-Za-z0-9]{30}'),
  format('voiceflow_key', 'VF.', '(?:(?:DM|WS)\\.)?[a-fA-F0-9]{24}\\.[A-Za-z0-9]{16}'),
];

const MONEY_AND_SHOPS: readonly TokenFormat[] = [
  format('stripe_key', 'sk_live_ sk_test_ sk_prod_ rk_live_ rk_test_ rk_prod_', '[A-Za-z0-9]{10,}'),
  format('elevenlabs_key', 'sk_', '[a-f0-9]{48}'),
  format('pagarme_key', 'ak_live_ ak_test_', '[A-Za-z0-9]{30}'),
  format('stripe_key', 'whsec_', '[A-Za-z0-9+/]{24,}={0,2}'),
  format('square_token', 'sq0atp- sq0csp- sq0idp- sq0acp-', '[\\w-]{22,}'),
  weak(
    'square_token',
    'EAAA',
    '(?!A)(?=[A-Za-z_-]{0,40}\\d)(?=[A-Z\\d_-]{0,40}[a-z])(?=[a-z\\d_-]{0,40}[A-Z])[\\w+=-]{22,70}',
  ),
  weak('facebook_token', 'EAAC EAAB EAAD EAAE EAAF EAAG EAAM EAAI', '[A-Za-z0-9]{80,}'),
  format('shopify_token', 'shpat_ shpca_ shppa_ shpss_ shpua_ shptka_', '[A-Za-z0-9]{32}'),
  format('paypal_token', 'access_token$production$ access_token$sandbox$', '[0-9a-z]{16}\\$[0-9a-f]{32}'),
  format('razorpay_key', 'rzp_live_ rzp_test_', '[A-Za-z0-9]{14,}'),
  format('flutterwave_key', 'FLWSECK FLWPUBK', '(?:_TEST)?-[a-h0-9]{12,32}(?:-X)?'),
  weak('easypost_key', 'EZAK EZTK', '[A-Za-z0-9]{54}'),
  format('duffel_token', 'duffel_test_ duffel_live_', '[\\w=-]{43}'),
  format('shippo_token', 'shippo_live_ shippo_test_', '[a-fA-F0-9]{40}'),
  format('plaid_token', 'access-sandbox- access-development- access-production-', '[0-9a-f-]{36}'),
  format('maxmind_key', 'mmk_', '\\w{30,}'),
];

const MESSAGES: readonly TokenFormat[] = [
  format('slack_token', 'xoxb- xoxc- xoxe- xoxo- xoxp- xoxs-', '\\d[\\w-]{8,}'),
  format('slack_token', 'xoxa- xoxr-', '(?=[\\w-]{0,20}\\d)[\\w-]{8,}'),
  format('slack_token', 'xoxe.xoxb- xoxe.xoxp-', '\\d-?[\\w-]{20,}'),
  format('slack_token', 'xoxd-', '[\\w%+/=-]{20,}'),
  format('slack_token', 'xapp-', '\\d-[\\w-]{10,}'),
  format('slack_webhook', 'hooks.slack.com/', '(?:services|workflows|triggers)/[\\w+/-]{12,}'),
  format('discord_webhook', 'discord.com/api/webhooks/ discordapp.com/api/webhooks/', '\\d{15,20}/[\\w-]{40,}'),
  format('teams_webhook', 'webhook.office.com/webhookb2/ office.com/webhook/', '[\\w@/-]{30,}'),
  format('zapier_webhook', 'hooks.zapier.com/hooks/catch/', '[A-Za-z0-9/]{12,}'),
  format('tines_webhook', 'tines.com/webhook/', '[a-z0-9]{32}/[a-z0-9]{32}'),
  format('sendgrid_key', 'SG.', '[\\w-]{16,32}\\.[\\w-]{30,}'),
  format('sendgrid_key', 'SG.', '[\\w.=-]{60,}'),
  weak('twilio_key', 'SK AC', '[a-z0-9]{32}'),
  weak('twilio_key', 'SK', '[0-9a-fA-F]{32}'),
  format('mailgun_key', 'key- pubkey-', '[0-9a-f]{32}(?![0-9a-f])'),
  format('sendinblue_key', 'xkeysib- xsmtpsib-', '[a-f0-9]{64}-[A-Za-z0-9]{16}'),
  format('resend_key', 're_', '[A-Za-z0-9]{8}_[A-Za-z0-9]{20,}'),
  format('mailersend_key', 'mlsn.', '[a-f0-9]{60,}'),
];

const MACHINES: readonly TokenFormat[] = [
  format('anthropic_key', 'sk-ant-', '[a-z]+\\d\\d-[\\w-]{30,}'),
  format('openai_key', 'sk-proj- sk-svcacct- sk-admin- sk-None-', '[\\w-]{20,}'),
  format('openai_key', 'sk-', '[A-Za-z0-9]{32,}(?![\\w-])'),
  format('openrouter_key', 'sk-or-v1-', '[0-9a-f]{64}'),
  format('langfuse_key', 'sk-lf-', '[0-9a-f-]{36}'),
  format('huggingface_token', 'hf_ api_org_', '[A-Za-z0-9]{30,}'),
  format('groq_key', 'gsk_', '\\w{40,}'),
  format('perplexity_key', 'pplx-', '[A-Za-z0-9]{40,}'),
  format('replicate_token', 'r8_', '[A-Za-z0-9]{37}'),
  format('xai_key', 'xai-', '[A-Za-z0-9]{60,}'),
  format('tavily_key', 'tvly-', '[\\w-]{30,}'),
  format('langsmith_key', 'lsv2_pt_ lsv2_sk_', '[a-f0-9]{32}_[a-f0-9]{10}'),
  format('nvidia_key', 'nvapi-', '[\\w-]{60,}'),
];

const WATCHERS: readonly TokenFormat[] = [
  format('grafana_token', 'glc_', '[A-Za-z0-9+/]{32,}={0,3}'),
  format('grafana_token', 'glsa_', '[A-Za-z0-9]{32}_[A-Fa-f0-9]{8}'),
  format('grafana_token', 'eyJrIjoi', '[A-Za-z0-9+/_-]{60,}={0,3}'),
  format('newrelic_key', 'NRAK- NRII- NRAA- NRRA- NRIQ- NRSP- NRJS-', '[A-Za-z0-9_-]{19,}'),
  format('sentry_token', 'sntrys_ sntryu_', '[\\w+/=-]{40,}'),
  format('posthog_key', 'phx_', '\\w{30,}'),
  format('dynatrace_token', 'dt0c01. dt0s01. dt0s02.', '[A-Za-z0-9]{24}\\.[A-Za-z0-9]{64}'),
  format('jwt', 'ZXlK', '[A-Za-z0-9+/_-]{44,}={0,2}'),
  format(
    'private_key',
    'LS0tLS1CRUdJTiBSU0Eg LS0tLS1CRUdJTiBQUklWQVRF LS0tLS1CRUdJTiBFQyBQUklW LS0tLS1CRUdJTiBPUEVOU1NI LS0tLS1CRUdJTiBFTkNSWVBU LS0tLS1CRUdJTiBEU0Eg',
    '[A-Za-z0-9+/_-]{40,}={0,2}',
  ),
  weak('twitter_token', 'AAAAAAAAAAAAAAAAAAAAA', '[A-Za-z0-9%]{60,}'),
];

export const TOKEN_FORMATS: readonly TokenFormat[] = [
  ...CLOUD,
  ...SOURCE_HOSTS,
  ...STORES,
  ...MONEY_AND_SHOPS,
  ...MESSAGES,
  ...MACHINES,
  ...WATCHERS,
];
