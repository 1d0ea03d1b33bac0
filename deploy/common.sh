# Reads a stack with the AWS CLI. Source this file.

# Prints one output of a stack: output STACK NAME
output() {
  local value
  value=$(aws cloudformation describe-stacks --stack-name "$1" --output text \
    --query "Stacks[0].Outputs[?OutputKey=='$2'].OutputValue")
  if [[ -z $value ]]; then
    echo "the stack $1 has no output $2" >&2
    return 1
  fi
  echo "$value"
}

# Prints the identifier of one resource of a stack: resource STACK NAME
resource() {
  aws cloudformation describe-stack-resource --stack-name "$1" --logical-resource-id "$2" \
    --query StackResourceDetail.PhysicalResourceId --output text
}

# Prints one parameter of a stack: parameter STACK NAME
parameter() {
  aws cloudformation describe-stacks --stack-name "$1" --output text \
    --query "Stacks[0].Parameters[?ParameterKey=='$2'].ParameterValue"
}

# Fails with the usage, which is the comment at the start of the script.
usage() {
  sed -n '2,/^[^#]/s/^# \{0,1\}//p' "$0" >&2
  exit 2
}
