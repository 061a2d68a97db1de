"""Which services Step Functions integrates with: optimised actions with their patterns, and SDK services."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from stepsmith.frozen import frozen


@frozen
class Action:
    """An action that Step Functions knows by itself."""

    patterns: frozenset[str]
    """The suffixes it takes besides none: sync, sync:2, waitForTaskToken."""
    required: tuple[str, ...]
    """The members that its parameters must have."""


def _action(patterns: str = "", *required: str) -> Action:
    return Action(frozenset(patterns.split()), required)


ACTIONS: Final[Mapping[str, Action]] = {
    "lambda:invoke": _action("waitForTaskToken", "FunctionName"),
    "apigateway:invoke": _action("waitForTaskToken", "ApiEndpoint", "Method"),
    "athena:startQueryExecution": _action("sync", "QueryString"),
    "athena:stopQueryExecution": _action("", "QueryExecutionId"),
    "athena:getQueryExecution": _action("", "QueryExecutionId"),
    "athena:getQueryResults": _action("", "QueryExecutionId"),
    "batch:submitJob": _action("sync", "JobName", "JobQueue", "JobDefinition"),
    "bedrock:invokeModel": _action("waitForTaskToken", "ModelId"),
    "bedrock:createModelCustomizationJob": _action("sync"),
    "bedrockagentcore:invokeHarness": _action(),
    "codebuild:startBuild": _action("sync", "ProjectName"),
    "codebuild:stopBuild": _action("", "Id"),
    "codebuild:batchDeleteBuilds": _action(),
    "codebuild:batchGetReports": _action(),
    "codebuild:startBuildBatch": _action("sync"),
    "codebuild:stopBuildBatch": _action(),
    "codebuild:retryBuildBatch": _action("sync"),
    "codebuild:deleteBuildBatch": _action(),
    "databrew:startJobRun": _action("sync", "Name"),
    "dynamodb:getItem": _action("", "TableName", "Key"),
    "dynamodb:putItem": _action("", "TableName", "Item"),
    "dynamodb:updateItem": _action("", "TableName", "Key"),
    "dynamodb:deleteItem": _action("", "TableName", "Key"),
    "ecs:runTask": _action("sync waitForTaskToken", "TaskDefinition"),
    "eks:createCluster": _action("sync"),
    "eks:deleteCluster": _action("sync"),
    "eks:createFargateProfile": _action("sync"),
    "eks:deleteFargateProfile": _action("sync"),
    "eks:createNodegroup": _action("sync"),
    "eks:deleteNodegroup": _action("sync"),
    "eks:runJob": _action("sync"),
    "eks:call": _action("waitForTaskToken"),
    "elasticmapreduce:createCluster": _action("sync"),
    "elasticmapreduce:terminateCluster": _action("sync", "ClusterId"),
    "elasticmapreduce:addStep": _action("sync", "ClusterId"),
    "elasticmapreduce:cancelStep": _action("", "ClusterId", "StepId"),
    "elasticmapreduce:setClusterTerminationProtection": _action(),
    "elasticmapreduce:modifyInstanceFleetByName": _action(),
    "elasticmapreduce:modifyInstanceGroupByName": _action(),
    "emr-containers:createVirtualCluster": _action(),
    "emr-containers:deleteVirtualCluster": _action("sync"),
    "emr-containers:startJobRun": _action("sync"),
    "emr-serverless:createApplication": _action("sync"),
    "emr-serverless:startApplication": _action("sync"),
    "emr-serverless:stopApplication": _action("sync"),
    "emr-serverless:deleteApplication": _action("sync"),
    "emr-serverless:startJobRun": _action("sync"),
    "emr-serverless:cancelJobRun": _action("sync"),
    "events:putEvents": _action("waitForTaskToken", "Entries"),
    "glue:startJobRun": _action("sync", "JobName"),
    "http:invoke": _action("", "Method"),
    "mediaconvert:createJob": _action("sync"),
    "sagemaker:createTrainingJob": _action("sync", "TrainingJobName"),
    "sagemaker:createTransformJob": _action("sync", "TransformJobName"),
    "sagemaker:createHyperParameterTuningJob": _action("sync"),
    "sagemaker:createLabelingJob": _action("sync"),
    "sagemaker:createProcessingJob": _action("sync", "ProcessingJobName"),
    "sagemaker:createEndpoint": _action("", "EndpointName"),
    "sagemaker:createEndpointConfig": _action("", "EndpointConfigName"),
    "sagemaker:createModel": _action("", "ModelName"),
    "sagemaker:updateEndpoint": _action("", "EndpointName"),
    "sns:publish": _action("waitForTaskToken", "Message"),
    "sqs:sendMessage": _action("waitForTaskToken", "QueueUrl", "MessageBody"),
    "states:startExecution": _action("sync sync:2 waitForTaskToken", "StateMachineArn"),
}
"""`service:action` -> what is known about it."""

_SDK_SERVICES: Final = """
accessanalyzer account accountaccess accountaccessruntime acm acmpca agentregistry agentregistrycontrol aiops amp
amplify amplifybackend amplifyuibuilder apigateway apigatewaymanagementapi apigatewayv2 appconfig appconfigdata
appfabric appflow appintegrations applicationautoscaling applicationcostprofiler applicationdiscovery
applicationinsights applicationsignals appmesh apprunner appstream appsync arcregionswitch arczonalshift artifact
athena auditmanager autoscaling autoscalingplans b2bi backup backupgateway backupsearch batch bcmdashboards
bcmdataexports bcmpricingcalculator bcmrecommendedactions bedrock bedrockagent bedrockagentcore
bedrockagentcorecontrol bedrockagentruntime bedrockdataautomation bedrockdataautomationruntime bedrockruntime
billing billingconductor braket budgets chatbot chime chimesdkidentity chimesdkmediapipelines chimesdkmeetings
chimesdkmessaging chimesdkvoice cleanrooms cleanroomsml cloud9 cloudcontrol clouddirectory cloudformation cloudfront
cloudfrontkeyvaluestore cloudhsm cloudhsmv2 cloudsearch cloudsearchdomain cloudtrail cloudtraildata cloudwatch
cloudwatchlogs cloudwatchomni codeartifact codebuild codecatalyst codecommit codeconnections codedeploy
codeguruprofiler codegurureviewer codegurusecurity codepipeline codestarconnections codestarnotifications
cognitoidentity cognitoidentityprovider cognitosync comprehend comprehendmedical computeoptimizer
computeoptimizerautomation config connect connectcampaigns connectcampaignsv2 connectcases connectcontactlens
connecthealth connectparticipant connectscheduling continuum controlcatalog controltower costandusagereport
costexplorer costoptimizationhub customerprofiles databasemigration databrew dataexchange datapipeline datasync
datazone dax deadline detective devicefarm devopsagent devopsguru directconnect directory directoryservicedata dlm
docdb docdbelastic drs dsql dynamodb dynamodbstreams ebs ec2 ec2instanceconnect ecr ecrpublic ecs efs eks eksauth
elasticache elasticbeanstalk elasticloadbalancing elasticloadbalancingv2 elasticsearch elementalinference emr
emrcontainers emrserverless endusermessaging entityresolution eventbridge eventbridgev2 evs firehose fis fms
forecast forecastquery frauddetector freetier fsx gamelift gameliftstreams geomaps geoplaces georoutes glacier
globalaccelerator glue grafana greengrass greengrassv2 groundstation guardduty health healthlake iam iamtoolbox
identitystore imagebuilder importexport inspector inspector2 inspectorscan interconnect internetmonitor invoicing
iot iotdataplane iotdeviceadvisor iotfleetwise iotjobsdataplane iotmanagedintegrations iotsecuretunneling
iotsitewise iotthingsgraph iottwinmaker iotwireless ivs ivschat ivsrealtime kafka kafkaconnect kendra kendraranking
keyspaces keyspacesstreams kinesis kinesisanalytics kinesisanalyticsv2 kinesisvideo kinesisvideoarchivedmedia
kinesisvideomedia kinesisvideosignaling kinesisvideowebrtcstorage kms lakeformation lambda lambdacore lambdamicrovms
lambdaweb launchwizard lexmodelbuilding lexmodelsv2 lexruntime lexruntimev2 licensemanager
licensemanagerlinuxsubscriptions licensemanagerusersubscriptions lightsail location lookoutequipment m2
machinelearning macie2 mailmanager managedblockchain managedblockchainquery marketplaceagreement marketplacecatalog
marketplacecommerceanalytics marketplacedeployment marketplacediscovery marketplaceentitlement marketplacemetering
marketplacereporting mediaconnect mediaconvert medialive mediapackage mediapackagev2 mediapackagevod mediastore
mediastoredata mediatailor medicalimaging memorydb mgn migrationhub migrationhubconfig migrationhuborchestrator
migrationhubrefactorspaces migrationhubstrategy mpa mq mturk mwaa mwaaserverless neptune neptunedata neptunegraph
networkfirewall networkflowmonitor networkmanager networkmonitor networksecuritymanager notifications
notificationscontacts novaact oam observabilityadmin odb omics opensearch opensearchmemory opensearchserverless
organizations osis outposts partnercentralaccount partnercentralbenefits partnercentralchannel
partnercentralrevenuemeasurement partnercentralselling paymentcryptography paymentcryptographydata pcaconnectorad
pcaconnectorscep pcs personalize personalizeevents personalizeruntime pi pinpoint pinpointemail pinpointsmsvoice
pinpointsmsvoicev2 pipes polly pricing pricingplanmanager proton qapps qbusiness qconnect quicksight ram rbin rds
rdsdata redshift redshiftdata redshiftserverless rekognition repostspace resiliencehub resiliencehubv2
resourceexplorer2 resourcegroups resourcegroupstaggingapi rolesanywhere route53 route53domains route53globalresolver
route53profiles route53recoverycluster route53recoverycontrolconfig route53recoveryreadiness route53resolver
rtbfabric rum s3 s3control s3files s3outposts s3tables s3vectors sagemaker sagemakera2iruntime sagemakeredge
sagemakerfeaturestoreruntime sagemakergeospatial sagemakerinferencerouterruntime sagemakerjobruntime
sagemakermetrics sagemakerruntime sagemakertrainingsessionruntime savingsplans scheduler schemas secretsmanager
securityagent securityhub securityir securitylake serverlessapplicationrepository servicecatalog
servicecatalogappregistry servicediscovery servicequotas ses sesv2 sfn shield signer signerdata signin simpledb
simpledbv2 snowball snowdevicemanagement sns socialmessaging sqs ssm ssmcontacts ssmguiconnect ssmincidents
ssmquicksetup ssmsap sso ssoadmin ssooidc storagegateway sts supplychain support supportapp supportauthz
sustainability swf synthetics taxsettings textract timestreaminfluxdb timestreamquery timestreamwrite transcribe
transfer translate trustedadvisor uxc verifiedpermissions voiceid vpclattice waf wafregional wafv2 wellarchitected
wickr wisdom workdocs workmail workmailmessageflow workspaces workspacesinstances workspacesthinclient workspacesweb
xray alexaforbusiness backupstorage codestar elasticinference elastictranscoder evidently finspace gamesparks
honeycode iot1clickdevices iot1clickprojects iotanalytics iotevents iotfleethub lookoutmetrics lookoutvision macie
mobile nimble opsworks opsworkscm panorama privatenetworks qldb qldbsession robomaker sms smsvoice worklink
"""

SDK_SERVICES: Final = frozenset(_SDK_SERVICES.split())
"""The services that an `aws-sdk` resource may name, as they are spelt there; also those that AWS has retired."""
