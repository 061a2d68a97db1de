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

_WRITE: Final = (
    "ConditionalOperator ConditionExpression Expected ExpressionAttributeNames ExpressionAttributeValues "
    "ReturnConsumedCapacity ReturnItemCollectionMetrics ReturnValues TableName"
)
_ACCEPTED: Final = {
    "lambda:invoke": "ClientContext FunctionName InvocationType Qualifier Payload LogType",
    "apigateway:invoke": "ApiEndpoint Method Headers Stage Path QueryParameters RequestBody AllowNullValues AuthType",
    "http:invoke": "ApiEndpoint Method Authentication InvocationConfig Headers QueryParameters RequestBody Transform",
    "batch:submitJob": "ArrayProperties ContainerOverrides DependsOn JobDefinition JobName JobQueue Parameters "
    "RetryStrategy Timeout Tags",
    "dynamodb:getItem": "Key TableName AttributesToGet ConsistentRead ExpressionAttributeNames "
    "ProjectionExpression ReturnConsumedCapacity",
    "dynamodb:putItem": f"Item {_WRITE}",
    "dynamodb:deleteItem": f"Key {_WRITE}",
    "dynamodb:updateItem": f"Key AttributeUpdates UpdateExpression {_WRITE}",
    "ecs:runTask": "CapacityProviderStrategy Cluster Group LaunchType NetworkConfiguration Overrides "
    "PlacementConstraints PlacementStrategy PlatformVersion PropagateTags TaskDefinition EnableExecuteCommand",
    "elasticmapreduce:addStep": "ClusterId Step ExecutionRoleArn",
    "elasticmapreduce:cancelStep": "ClusterId StepId",
    "elasticmapreduce:modifyInstanceFleetByName": "ClusterId InstanceFleetName InstanceFleet",
    "elasticmapreduce:modifyInstanceGroupByName": "ClusterId InstanceGroupName InstanceGroup",
    "elasticmapreduce:setClusterTerminationProtection": "ClusterId TerminationProtected",
    "elasticmapreduce:terminateCluster": "ClusterId",
    "glue:startJobRun": "JobName JobRunQueuingEnabled JobRunId Arguments AllocatedCapacity Timeout MaxCapacity "
    "SecurityConfiguration NotificationProperty WorkerType NumberOfWorkers ExecutionClass",
    "sns:publish": "Message MessageAttributes MessageStructure MessageDeduplicationId MessageGroupId PhoneNumber "
    "Subject TargetArn TopicArn",
    "sqs:sendMessage": "DelaySeconds MessageAttributes MessageBody MessageDeduplicationId MessageGroupId QueueUrl",
    "states:startExecution": "Input Name StateMachineArn",
}
ACCEPTED: Final[Mapping[str, frozenset[str]]] = {
    name: frozenset(members.split()) for name, members in _ACCEPTED.items()
}
"""Optimised `service:action` -> the members of its parameters, where AWS documents others than the service's."""

_RENAMED_SERVICES: Final = {
    "states": "sfn",
    "events": "eventbridge",
    "emr-containers": "emrcontainers",
    "emr-serverless": "emrserverless",
}
_UNMODELLED: Final = frozenset(
    {
        "lambda",
        "apigateway",
        "http",
        "elasticmapreduce",
        "bedrock",
        "bedrockagentcore",
        "eks:runJob",
        "eks:call",
    }
)
"""Services and actions whose parameters are Step Functions' own."""
MODELS: Final[Mapping[str, str]] = {
    name: f"{_RENAMED_SERVICES.get(name.partition(':')[0], name.partition(':')[0])}:{name.partition(':')[2]}"
    for name in ACTIONS
    if name not in _UNMODELLED and name.partition(":")[0] not in _UNMODELLED
}
"""Optimised `service:action` -> the `service:action` of the AWS SDK that takes the same parameters."""

_UNSUPPORTED: Final = """
bedrockagentruntime:invokeagent bedrockagentruntime:invokeflow bedrockagentruntime:invokeinlineagent
bedrockruntime:conversestream bedrockruntime:invokemodelwithresponsestream cloudwatchlogs:startlivetail
kinesis:subscribetoshard lambda:invokewithresponsestream s3:selectobjectcontent
sts:assumerole sts:assumerolewithsaml sts:assumerolewithwebidentity
"""
UNSUPPORTED: Final = frozenset(_UNSUPPORTED.split())
"""Calls of the AWS SDK that Step Functions does not make: streams of events, and taking on roles."""

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
cloudfrontkeyvaluestore cloudhsm cloudhsmv2 cloudsearch cloudtrail cloudtraildata cloudwatch
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
identitystore imagebuilder inspector inspector2 inspectorscan interconnect internetmonitor invoicing
iot iotdataplane iotdeviceadvisor iotfleetwise iotjobsdataplane iotmanagedintegrations iotsecuretunneling
iotsitewise iotthingsgraph iottwinmaker iotwireless ivs ivschat ivsrealtime kafka kafkaconnect kendra kendraranking
keyspaces keyspacesstreams kinesis kinesisanalytics kinesisanalyticsv2 kinesisvideo kinesisvideoarchivedmedia
kinesisvideomedia kinesisvideosignaling kinesisvideowebrtcstorage kms lakeformation lambda lambdacore lambdamicrovms
lambdaweb launchwizard lexmodelbuilding lexmodelsv2 lexruntime lexruntimev2 licensemanager
licensemanagerlinuxsubscriptions licensemanagerusersubscriptions lightsail location lookoutequipment m2
machinelearning macie2 mailmanager managedblockchain managedblockchainquery marketplaceagreement marketplacecatalog
marketplacecommerceanalytics marketplacedeployment marketplacediscovery marketplaceentitlement marketplacemetering
marketplacereporting mediaconnect mediaconvert medialive mediapackage mediapackagev2 mediapackagevod mediastore
mediatailor medicalimaging memorydb mgn migrationhub migrationhubconfig migrationhuborchestrator
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
servicecatalogappregistry servicediscovery servicequotas ses sesv2 sfn shield signer signerdata signin
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
